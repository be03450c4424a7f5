// Does what life.py asks with wechatpay-go: wechatpay-go MERCHANT. A call is a line of JSON on standard input, what came of it
// a line on standard output.
package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/validators"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/verifiers"
	"github.com/wechatpay-apiv3/wechatpay-go/core/consts"
	"github.com/wechatpay-apiv3/wechatpay-go/core/downloader"
	"github.com/wechatpay-apiv3/wechatpay-go/core/notify"
	"github.com/wechatpay-apiv3/wechatpay-go/core/option"
	"github.com/wechatpay-apiv3/wechatpay-go/utils"
)

type call struct {
	Call, Path, Text, File string
	Body                   json.RawMessage
	Query                  map[string]any
	Headers                map[string]string
	Meta                   json.RawMessage
}

type said struct {
	Status int    `json:"status,omitempty"`
	Data   any    `json:"data"`
	Failed string `json:"failed,omitempty"`
}

type library struct {
	mchid   string
	client  *core.Client
	handler *notify.Handler
}

func begin(ctx context.Context, merchant map[string]string) (*library, error) {
	var key *rsa.PrivateKey
	key, err := utils.LoadPrivateKey(merchant["private_key"])
	if err != nil {
		return nil, err
	}
	mchid, apiv3Key := merchant["mchid"], merchant["apiv3_key"]
	client, err := core.NewClient(ctx, option.WithWechatPayAutoAuthCipher(mchid, merchant["serial"], key, apiv3Key))
	if err != nil {
		return nil, err
	}
	certificates := downloader.MgrInstance().GetCertificateVisitor(mchid)
	handler, err := notify.NewRSANotifyHandler(apiv3Key, verifiers.NewSHA256WithRSAVerifier(certificates))
	return &library{mchid, client, handler}, err
}

// What is outside 2xx is an error to the library; the life wants to look at it.
func settled(result *core.APIResult, err error) (said, error) {
	var refusal *core.APIError
	if err != nil && !errors.As(err, &refusal) {
		return said{}, err
	}
	text, err := io.ReadAll(result.Response.Body)
	if err != nil || len(text) == 0 {
		return said{Status: result.Response.StatusCode}, err
	}
	if !strings.HasPrefix(result.Response.Header.Get("Content-Type"), "application/json") {
		return said{Status: result.Response.StatusCode, Data: string(text)}, nil
	}
	return said{Status: result.Response.StatusCode, Data: json.RawMessage(text)}, nil
}

func (l *library) request(ctx context.Context, client *core.Client, method string, c call) (said, error) {
	query, header := url.Values{}, http.Header{}
	for name, value := range c.Query {
		query.Set(name, fmt.Sprint(value))
	}
	for name, value := range c.Headers {
		header.Set(name, value)
	}
	var body any
	if c.Body != nil {
		body = []byte(c.Body)
	}
	return settled(client.Request(ctx, method, consts.WechatPayAPIServer+"/"+c.Path, header, query, body, consts.ApplicationJSON))
}

// As its file uploaders do it, whose paths are the mainland's.
func (l *library) upload(ctx context.Context, c call) (said, error) {
	var form bytes.Buffer
	var meta struct{ Filename string }
	writer := multipart.NewWriter(&form)
	if err := json.Unmarshal(c.Meta, &meta); err != nil {
		return said{}, err
	}
	if err := core.CreateFormField(writer, "meta", consts.ApplicationJSON, c.Meta); err != nil {
		return said{}, err
	}
	if err := core.CreateFormFile(writer, meta.Filename, "application/pdf", []byte(c.File)); err != nil {
		return said{}, err
	}
	if err := writer.Close(); err != nil {
		return said{}, err
	}
	return settled(l.client.Upload(ctx, consts.WechatPayAPIServer+"/"+c.Path, string(c.Meta), form.String(), writer.FormDataContentType()))
}

func (l *library) seal(ctx context.Context, text string) (said, error) {
	downloaded := downloader.MgrInstance()
	certificate, found := downloaded.GetCertificate(ctx, l.mchid, downloaded.GetNewestCertificateSerial(ctx, l.mchid))
	if !found {
		return said{}, errors.New("no certificate")
	}
	sealed, err := utils.EncryptOAEPWithCertificate(text, certificate)
	return said{Data: sealed}, err
}

func (l *library) open(ctx context.Context, headers map[string]string, body string) (said, error) {
	request, err := http.NewRequest(http.MethodPost, "/callback", strings.NewReader(body))
	if err != nil {
		return said{}, err
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	content := map[string]any{}
	_, err = l.handler.ParseNotifyRequest(ctx, request, &content)
	return said{Data: content}, err
}

func (l *library) do(ctx context.Context, c call) (said, error) {
	switch c.Call {
	case "get":
		return l.request(ctx, l.client, http.MethodGet, c)
	case "post":
		return l.request(ctx, l.client, http.MethodPost, c)
	case "delete":
		return l.request(ctx, l.client, http.MethodDelete, c)
	case "download": // a bill's file carries no signature
		return l.request(ctx, core.NewClientWithValidator(l.client, &validators.NullValidator{}), http.MethodGet, c)
	case "upload":
		return l.upload(ctx, c)
	case "serials":
		serials := []string{}
		for serial := range downloader.MgrInstance().GetCertificateMap(ctx, l.mchid) {
			serials = append(serials, serial)
		}
		return said{Data: serials}, nil
	case "seal":
		return l.seal(ctx, c.Text)
	case "open":
		var body string
		if err := json.Unmarshal(c.Body, &body); err != nil {
			return said{}, err
		}
		return l.open(ctx, c.Headers, body)
	}
	return said{}, errors.New("there is no call " + c.Call)
}

func serve() error {
	ctx, merchant := context.Background(), map[string]string{}
	if err := json.Unmarshal([]byte(os.Args[1]), &merchant); err != nil {
		return err
	}
	l, err := begin(ctx, merchant)
	if err != nil {
		return err
	}
	lines, out := bufio.NewReader(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return nil
		}
		var c call
		if err = json.Unmarshal(line, &c); err != nil {
			return err
		}
		what, err := l.do(ctx, c)
		if err != nil {
			what = said{Failed: err.Error()}
		}
		if err = out.Encode(what); err != nil {
			return err
		}
	}
}

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
