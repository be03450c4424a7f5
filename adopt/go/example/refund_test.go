// An example: wechatpay-go, unmodified, refunds a paid order, queries it, and reads the bill a day later. Its hosts are built in, so it is
// given the client that leads them here. Run it by `go test ./...`.
package example

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	fenzhang "github.com/fenzhang/fenzhang/adopt/go"
	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/validators"
	"github.com/wechatpay-apiv3/wechatpay-go/core/consts"
	"github.com/wechatpay-apiv3/wechatpay-go/core/option"
	"github.com/wechatpay-apiv3/wechatpay-go/utils"
)

// Your own code, so to speak.
type shop struct {
	client, files *core.Client
	party         url.Values
}

func newShop(t *testing.T, world *fenzhang.World) shop {
	t.Helper()
	env := world.Env
	key, err := utils.LoadPrivateKeyWithPath(env["PRIVATE_KEY_PEM"])
	must(t, err)
	platform, err := utils.LoadCertificateWithPath(env["PLATFORM_CERT_PEM"])
	must(t, err)
	options := []core.ClientOption{
		option.WithMerchantCredential(env["MCHID"], env["SERIAL_NO"], key),
		option.WithWechatPayCertificate([]*x509.Certificate{platform}),
		option.WithHTTPClient(world.HTTPClient()),
	}
	client, err := core.NewClient(context.Background(), options...)
	must(t, err)
	files := core.NewClientWithValidator(client, &validators.NullValidator{}) // a bill's file carries no signature
	return shop{client, files, url.Values{"sp_mchid": {env["MCHID"]}, "sub_mchid": {env["SUB_MCHID"]}}}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (s shop) call(client *core.Client, method, path string, query url.Values, body any) ([]byte, error) {
	url := consts.WechatPayAPIServer + path
	result, err := client.Request(context.Background(), method, url, http.Header{}, query, body, consts.ApplicationJSON)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(result.Response.Body)
}

func (s shop) refund(order, number string, amount, total int64) error {
	_, err := s.call(s.client, http.MethodPost, "/v3/global/refunds", nil, map[string]any{
		"sp_mchid": s.party.Get("sp_mchid"), "sub_mchid": s.party.Get("sub_mchid"), "sp_appid": "wx8888888888888888",
		"out_trade_no": order, "out_refund_no": number,
		"amount": map[string]any{"refund": amount, "total": total, "currency": "CNY"},
	})
	return err
}

func (s shop) status(t *testing.T, number string) string {
	t.Helper()
	text, err := s.call(s.client, http.MethodGet, "/v3/global/refunds/out-refund-no/"+number, s.party, nil)
	must(t, err)
	var refund struct{ Status string }
	must(t, json.Unmarshal(text, &refund))
	return refund.Status
}

func (s shop) bill(t *testing.T, day string) string {
	t.Helper()
	text, err := s.call(s.client, http.MethodGet, "/v3/global/profit-sharing/refunds/bill-download-url", url.Values{"bill_date": {day}}, nil)
	must(t, err)
	var link struct {
		URL string `json:"download_url"`
	}
	must(t, json.Unmarshal(text, &link))
	where, err := url.Parse(link.URL)
	must(t, err)
	file, err := s.call(s.files, http.MethodGet, where.Path, where.Query(), nil)
	must(t, err)
	return string(file)
}

func TestARefundIsInTheBillOfItsDay(t *testing.T) {
	t.Parallel()
	world := fenzhang.New(t)
	shop := newShop(t, world)
	order := world.Pay(10000, fenzhang.Members{"marked": true})["out_trade_no"].(string)
	must(t, shop.refund(order, "BRUISED1", 3000, 10000))
	if status := shop.status(t, "BRUISED1"); status != "PROCESSING" {
		t.Fatal(status)
	}

	today := world.Advance("PT20M")[:10]
	if status := shop.status(t, "BRUISED1"); status != "SUCCESS" {
		t.Fatal(status)
	}
	world.Advance("P1D") // bills are out at 10:00 of the next day; the clock began at 10:00
	if bill := shop.bill(t, today); strings.Count(bill, "BRUISED1") != 1 || !strings.Contains(bill, "30.00") {
		t.Fatal(bill)
	}
	world.Audit()
}

// No test sees what another did: BRUISED1 is free again.
func TestARefundWhoseAnswerIsLostIsMadeOnce(t *testing.T) {
	t.Parallel()
	world := fenzhang.New(t)
	shop := newShop(t, world)
	order := world.Pay(10000, nil)["out_trade_no"].(string)
	world.Fault(fenzhang.Members{"effect": "reset", "when": "after", "endpoint": "refund-submit", "count": 1})
	var refusal *core.APIError
	if err := shop.refund(order, "BRUISED1", 3000, 10000); err == nil || errors.As(err, &refusal) {
		t.Fatal("there was an answer:", err)
	}
	must(t, shop.refund(order, "BRUISED1", 3000, 10000))
}
