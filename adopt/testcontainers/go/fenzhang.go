// Package fenzhangcontainer is a module of Testcontainers: Fenzhang in a container for a suite of tests. Copy this file; it needs
// github.com/testcontainers/testcontainers-go.
//
// The image is made by packaging/oci/build and loaded by `docker load --input`, or comes from a registry of yours.
//
//	world, err := fenzhangcontainer.Run(ctx, "fenzhang:0.1.0")
//	defer testcontainers.TerminateContainer(world)
//	order, err := world.Pay(ctx, 10000)
//	baseURL, err := world.BaseURL(ctx)
//	...
//	err = world.Advance(ctx, "PT20M")
//	err = world.Reset(ctx) // before the next test
//
// The control interface stays inside the container, where nobody else reaches it: its calls are the program's own commands (docs/local.md).
package fenzhangcontainer

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/exec"
	"github.com/testcontainers/testcontainers-go/wait"
)

const (
	api   = "8080/tcp"
	proxy = "3128/tcp"
)

// Container is a server that runs.
type Container struct {
	testcontainers.Container
}

// Payment is an order that was paid.
type Payment struct {
	TransactionID string `json:"transaction_id"`
	OutTradeNo    string `json:"out_trade_no"`
}

// Run starts a server and returns when it is ready. Options may change all that is said here.
func Run(ctx context.Context, image string, options ...testcontainers.ContainerCustomizer) (*Container, error) {
	ours := []testcontainers.ContainerCustomizer{
		testcontainers.WithExposedPorts(api, proxy),
		testcontainers.WithEnv(map[string]string{"FENZHANG_ENV": "/data/fenzhang/demo.env"}),
		testcontainers.WithCmd("serve", "--demo", "--seed", "1", "--limits", "off", "--listen", "0.0.0.0:8080", "--proxy", "0.0.0.0:3128",
			"--proxy-remote", "--callback-to", "private"),
		testcontainers.WithWaitStrategy(wait.ForLog("ready api=")),
	}
	started, err := testcontainers.Run(ctx, image, append(ours, options...)...)
	if started == nil {
		return nil, err
	}
	return &Container{started}, err
}

// BaseURL is where the API is.
func (c *Container) BaseURL(ctx context.Context) (string, error) {
	return c.PortEndpoint(ctx, api, "http")
}

// ProxyURL is for HTTPS_PROXY: it leads the vendor's own hosts here, for clients that have them built in. They trust CACertificate.
func (c *Container) ProxyURL(ctx context.Context) (string, error) {
	return c.PortEndpoint(ctx, proxy, "http")
}

// Command runs a command of the program. It returns what that prints.
func (c *Container) Command(ctx context.Context, words ...string) ([]byte, error) {
	var text []byte
	status, output, err := c.Exec(ctx, append([]string{"fenzhang"}, words...), exec.Multiplexed())
	if err == nil {
		text, err = io.ReadAll(output)
	}
	if err == nil && status != 0 {
		err = fmt.Errorf("fenzhang %s: %s", strings.Join(words, " "), bytes.TrimSpace(text))
	}
	return text, err
}

// CACertificate is what clients trust that come through the proxy, in PEM.
func (c *Container) CACertificate(ctx context.Context) ([]byte, error) {
	return c.Command(ctx, "ca")
}

// Env has all names of the demo book: MCHID, SERIAL_NO, TRANSACTION_ID ... Paths are inside the container.
func (c *Container) Env(ctx context.Context) (names map[string]string, err error) {
	text, err := c.Command(ctx, "env", "--json")
	if err == nil {
		err = json.Unmarshal(text, &names)
	}
	return names, err
}

// File is what a name of Env is the file of: PRIVATE_KEY_PEM, PLATFORM_CERT_PEM ...
func (c *Container) File(ctx context.Context, name string) ([]byte, error) {
	names, err := c.Env(ctx)
	if err != nil {
		return nil, err
	}
	file, err := c.CopyFileFromContainer(ctx, names[name])
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(file)
}

// Pay makes a paid order of so many fen, of the institution's sub-merchant; options as of `fenzhang pay`, "--marked".
func (c *Container) Pay(ctx context.Context, amount int64, options ...string) (made Payment, err error) {
	text, err := c.Command(ctx, append([]string{"pay", strconv.FormatInt(amount, 10), "--json"}, options...)...)
	if err == nil {
		err = json.Unmarshal(text, &made)
	}
	return made, err
}

// Advance moves the clock on ("PT20M", "P1D"): all that falls due happens, callbacks too.
func (c *Container) Advance(ctx context.Context, duration string) error {
	_, err := c.Command(ctx, "clock", "advance", duration)
	return err
}

// Reset goes back to the book as it was created, with the same keys.
func (c *Container) Reset(ctx context.Context) error {
	_, err := c.Command(ctx, "reset")
	return err
}
