module example

go 1.19

require (
	github.com/fenzhang/fenzhang/adopt/go v0.0.0
	github.com/wechatpay-apiv3/wechatpay-go v0.2.21
)

replace github.com/fenzhang/fenzhang/adopt/go => ../
