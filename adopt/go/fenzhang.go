// Package fenzhang gives a test a Fenzhang of its own. It needs nothing but the standard library.
//
// The program is what the variable FENZHANG names, else `fenzhang` in PATH. To have the package,
// `go get github.com/fenzhang/fenzhang/adopt/go`, or copy this file.
//
//	func TestRefund(t *testing.T) {
//		world := fenzhang.New(t) // ends with the test; of one that fails it tells what the server saw
//		order := world.Pay(10000, nil)["out_trade_no"].(string)
//		client := myClient(world.BaseURL, world.Env) // MCHID, SERIAL_NO, PRIVATE_KEY_PEM, APIV3_KEY ...
//		client.Refund(order, 1000)
//		world.Advance("PT20M") // the refund arrives, and its callback has been answered
//	}
//
// Each world is a fork of what is made once a process: the demo book of `--seed 1`, with `--limits off`. To begin with something else:
//
//	var shop = fenzhang.Base{
//		Book:    []string{"--demo", "--seed", "5"}, // options of `fenzhang serve` that make it
//		Prepare: func(w *fenzhang.World) { w.Control("/merchants", fenzhang.Members{"mchid": "1900000777", "kind": "direct"}) },
//	}
//	world := shop.Fork(t)
//
// Tests may run in parallel. No method of a world returns an error: what the server refuses fails the test, with the server's words.
package fenzhang

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	readyWithin = time.Minute // it takes a fraction of it
	linesTold   = 60          // of the server's log, when a test fails
)

// Members are those of the control interface's JSON; docs/control.md has all of them.
type Members map[string]any

// World is a server that runs: where it is, who calls it (Env has all names of demo.env), and the world outside it.
type World struct {
	BaseURL, ControlURL, ProxyURL, CAFile string

	Env map[string]string

	t         testing.TB
	directory string
	process   *exec.Cmd
}

// Base is what worlds begin with. It is made when the first one is asked for.
type Base struct {
	Book    []string     // options of `fenzhang serve` that make it; nil: --demo --seed 1
	Options []string     // those that every server is given; nil: --limits off
	Prepare func(*World) // adds to it

	once sync.Once
	data string
}

var demo Base

// New gives the test a fork of the demo book.
func New(t testing.TB) *World {
	t.Helper()
	return demo.Fork(t)
}

// Fork gives the test a fork of the base.
func (b *Base) Fork(t testing.TB) *World {
	t.Helper()
	b.once.Do(func() { b.data = b.make(t) })
	if b.data == "" {
		t.Fatal("fenzhang: what tests begin with could not be made; the first test that asked for it says why")
	}
	w := start(t, t.TempDir(), append([]string{"--from", b.data}, orElse(b.Options, "--limits", "off")...)...)
	t.Cleanup(func() {
		w.stop()
		if t.Failed() {
			t.Logf("What fenzhang saw: %s", orNone(w.tail()))
		}
	})
	return w
}

func (b *Base) make(t testing.TB) string {
	t.Helper()
	w := start(t, lasting(t), append(orElse(b.Book, "--demo", "--seed", "1"), orElse(b.Options, "--limits", "off")...)...)
	defer w.stop()
	if b.Prepare != nil {
		b.Prepare(w)
	}
	return filepath.Join(w.directory, "data")
}

func orElse(given []string, otherwise ...string) []string {
	if given == nil {
		return otherwise
	}
	return append([]string(nil), given...)
}

// Held, because a pipe that nobody refers to is closed before the process ends.
var brooms struct {
	sync.Mutex
	held []*exec.Cmd
}

// A directory that is removed when this process ends, however it does: the kernel then closes the pipe that a shell waits at.
func lasting(t testing.TB) string {
	t.Helper()
	directory, err := os.MkdirTemp("", "fenzhang-")
	if err == nil {
		broom := exec.Command("sh", "-c", `cat >/dev/null; rm -rf "$1"`, "sh", directory)
		if _, err = broom.StdinPipe(); err == nil {
			err = broom.Start()
		}
		brooms.Lock()
		defer brooms.Unlock()
		brooms.held = append(brooms.held, broom)
	}
	if err != nil {
		t.Fatalf("fenzhang: %v", err)
	}
	return directory
}

func program() string {
	if named := os.Getenv("FENZHANG"); named != "" {
		return named
	}
	return "fenzhang"
}

func start(t testing.TB, directory string, options ...string) *World {
	t.Helper()
	w := &World{t: t, directory: directory}
	if err := w.run(options); err != nil {
		t.Fatalf("fenzhang did not start, %v. Is %s the program? FENZHANG names another. %s", err, program(), w.tail())
	}
	return w
}

func (w *World) run(options []string) error {
	data, file := filepath.Join(w.directory, "data"), filepath.Join(w.directory, "ready.json")
	command := append([]string{"serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--proxy", "127.0.0.1:0", "--lifeline",
		"--log-format", "text", "--data", data, "--ready-file", file}, options...)
	w.process = exec.Command(program(), command...)
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "FENZHANG_CONTROL_TOKEN=") { // another server's: the helper's calls bear none
			w.process.Env = append(w.process.Env, variable)
		}
	}
	log, err := os.Create(filepath.Join(w.directory, "log"))
	if err != nil {
		return err
	}
	defer log.Close()
	w.process.Stderr = log
	if _, err = w.process.StdinPipe(); err != nil { // its lifeline
		return err
	}
	if err = w.awaitReady(); err != nil {
		return err
	}
	var ready struct{ API, Control, Proxy string }
	if err = readJSON(os.ReadFile(file))(&ready); err != nil {
		return err
	}
	w.BaseURL, w.ControlURL, w.ProxyURL, w.CAFile = ready.API, ready.Control, ready.Proxy, filepath.Join(data, "tls", "ca_cert.pem")
	return readJSON(exec.Command(program(), "env", "--data", data, "--json").Output())(&w.Env)
}

// The first line says that it is ready; one that does not start ends without.
func (w *World) awaitReady() error {
	output, err := w.process.StdoutPipe()
	if err != nil {
		return err
	}
	if err = w.process.Start(); err != nil {
		return err
	}
	late := time.AfterFunc(readyWithin, func() { _ = w.process.Process.Kill() })
	defer late.Stop()
	if _, err = bufio.NewReader(output).ReadString('\n'); err != nil {
		return fmt.Errorf("it ended before it was ready: %v", w.process.Wait())
	}
	return nil
}

func readJSON(text []byte, err error) func(any) error {
	return func(out any) error {
		if err != nil {
			return err
		}
		return json.Unmarshal(text, out)
	}
}

func (w *World) stop() {
	w.t.Helper()
	_ = w.process.Process.Signal(syscall.SIGTERM)
	if err := w.process.Wait(); err != nil {
		w.t.Errorf("fenzhang ended with %v: %s", err, w.tail())
	}
}

func (w *World) tail() string {
	text, _ := os.ReadFile(filepath.Join(w.directory, "log"))
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(lines) > linesTold {
		lines = lines[len(lines)-linesTold:]
	}
	return strings.Join(lines, "\n")
}

func orNone(lines string) string {
	if lines == "" {
		return "no request"
	}
	return "\n" + lines
}

// HTTPClient leads the vendor's own hosts here, and trusts the certificate: for libraries that have them built in and take a client.
func (w *World) HTTPClient() *http.Client {
	w.t.Helper()
	pem, err := os.ReadFile(w.CAFile)
	proxy, urlErr := url.Parse(w.ProxyURL)
	if err != nil || urlErr != nil {
		w.t.Fatalf("fenzhang: %v %v", err, urlErr)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	return &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: roots}}}
}

// Control is a call of the control interface (docs/control.md): POST with members, GET with nil. It gives what is answered.
func (w *World) Control(path string, members Members) map[string]any {
	w.t.Helper()
	method, body := http.MethodGet, []byte(nil)
	if members != nil {
		method = http.MethodPost
		body, _ = json.Marshal(members)
	}
	request, err := http.NewRequest(method, w.ControlURL+path, bytes.NewReader(body))
	if err != nil {
		w.t.Fatalf("fenzhang: %v", err)
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
	if err != nil {
		w.t.Fatalf("fenzhang: %v", err)
	}
	defer answer.Body.Close()
	var said map[string]any
	if err = json.NewDecoder(answer.Body).Decode(&said); err != nil {
		w.t.Fatalf("fenzhang: %s %s: %v", method, path, err)
	}
	if answer.StatusCode > 299 {
		w.t.Fatalf("fenzhang: %s %s: %v", method, path, said["error"])
	}
	return said
}

// Pay makes a paid order of so many fen, of the institution's sub-merchant unless members name another mchid. It gives its numbers.
func (w *World) Pay(amount int64, members Members) map[string]any {
	w.t.Helper()
	all := Members{"amount": amount}
	if members["mchid"] == nil {
		all["mchid"], all["sub_mchid"] = w.Env["MCHID"], w.Env["SUB_MCHID"]
	}
	for name, value := range members {
		all[name] = value
	}
	return w.Control("/payments", all)
}

// PayOrder pays an order that your code has placed; it returns when your code has answered the callback, if it wants one.
func (w *World) PayOrder(outTradeNo string) map[string]any {
	w.t.Helper()
	return w.Control("/payments/"+outTradeNo+"/pay", Members{"callbacks": "wait"})
}

// Advance moves the clock on ("PT20M", "P1D"): all that falls due happens, callbacks too. It gives the time then, as RFC 3339.
func (w *World) Advance(duration string) string {
	w.t.Helper()
	return w.Control("/clock", Members{"advance": duration})["now"].(string)
}

// Fault has requests go wrong from now on: Members{"effect": "reset", "when": "after", "count": 1}, Members{"error": "SYSTEM_ERROR"}
func (w *World) Fault(members Members) {
	w.t.Helper()
	w.Control("/faults", members)
}

// Audit re-adds the whole book, and fails the test with what does not hold.
func (w *World) Audit() {
	w.t.Helper()
	w.Control("/audit", Members{})
}
