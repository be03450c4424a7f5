module github.com/fenzhang/fenzhang/adopt/go

go 1.19
