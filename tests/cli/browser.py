"""A real browser, Chromium without a window, that looks at a page: what it fetches beside the page, how it lays it out, how it prints it."""
import html
import http.server
import json
import re
import shutil
import subprocess
import tempfile
import threading
import zlib

from client import PATIENCE

OPTIONS = ("--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update "
           "--disable-sync --disable-dev-shm-usage --hide-scrollbars").split()

# Nothing but what is in the page is allowed, and the one script that looks at it; the browser tells the server of whatever else the page wants.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-look'; report-uri /wanted"

LOOK = """<script nonce="look">
addEventListener("load", () => {
    const cells = [...document.querySelectorAll("td, th")].map(cell => {
        const text = document.createRange(), style = getComputedStyle(cell), box = cell.getBoundingClientRect();
        text.selectNodeContents(cell);
        const inner = text.getBoundingClientRect(), table = cell.closest("table"), row = cell.closest("tr");
        return {text: cell.textContent, head: cell.tagName === "TH", align: style.textAlign, numerals: style.fontVariantNumeric,
                from_right: box.right - parseFloat(style.paddingRight) - inner.right, lines: Math.round(inner.height / parseFloat(style.lineHeight)),
                column: [...row.cells].indexOf(cell), table: [...document.querySelectorAll("table")].indexOf(table)};
    });
    const links = [...document.querySelectorAll("a")].map(link => {
        const target = document.getElementById(decodeURIComponent(link.getAttribute("href").slice(1)));
        return {href: link.getAttribute("href"), text: link.textContent, shows: target !== null && target.getBoundingClientRect().height > 0,
                target: target === null ? "" : target.textContent};
    });
    const sections = [...document.querySelectorAll("section")].map(section => ({
        text: section.textContent, links: [...section.querySelectorAll("a")].map(link => link.getAttribute("href")),
        height: section.getBoundingClientRect().height}));
    const page = document.documentElement, said = document.createElement("pre");
    said.id = "looked";
    said.textContent = JSON.stringify({title: document.title, cells, links, sections, width: page.clientWidth, needs: page.scrollWidth,
                                       text: document.body.innerText, resources: performance.getEntriesByType("resource").map(one => one.name),
                                       ids: [...document.querySelectorAll("[id]")].map(one => one.id)});
    document.body.append(said);
});
</script>"""


def program():
    """Its path; `script/bootstrap chromium` installs it."""
    path = shutil.which("chromium")
    assert path is not None, "there is no chromium: script/bootstrap chromium installs it"
    return path


class Door(http.server.ThreadingHTTPServer):
    """Serves one page at /page, and keeps what else is asked for or reported."""

    def __init__(self, page):
        super().__init__(("127.0.0.1", 0), Answers)
        self.page, self.wanted = page, []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/page"


class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path != "/page":
            self.server.wanted.append(self.path)
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Content-Length", str(len(self.server.page)))
        self.end_headers()
        self.wfile.write(self.server.page)

    def do_POST(self):
        report = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["csp-report"]
        self.server.wanted.append(report["blocked-uri"])
        self.send_response(204)
        self.end_headers()

    def log_message(self, *arguments):
        pass


def browse(page, *options):
    """(standard output, what the page wanted beside itself)"""
    with Door(page) as door, tempfile.TemporaryDirectory() as own:
        rules = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        command = [program(), *OPTIONS, rules, f"--user-data-dir={own}", *options, door.url]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60 * PATIENCE, check=True)
        door.shutdown()
    return done.stdout, door.wanted


def look(page, width=1280):
    """How the page is laid out: what LOOK says, and `wanted`."""
    printed, wanted = browse(page + LOOK.encode(), "--dump-dom", f"--window-size={width},900", "--virtual-time-budget=5000")
    looked = re.search(r'<pre id="looked">(.*?)</pre>', printed, re.S)
    assert looked, printed[-2000:]
    return json.loads(html.unescape(looked[1])) | {"wanted": wanted}


def print_pdf(page, path):
    """The page printed, and how many sheets that takes."""
    browse(page, f"--print-to-pdf={path}", "--no-pdf-header-footer")
    data = path.read_bytes()
    assert data.startswith(b"%PDF-") and data.rstrip().endswith(b"%%EOF")
    sheets = len(re.findall(rb"/Type\s*/Page\b(?!s)", data))
    texts = sum(len(re.findall(rb"\bT[jJ]\b", zlib.decompress(stream))) for stream in streams(data))
    return sheets, texts


def streams(data):
    """Those of a PDF that are compressed."""
    for found in re.finditer(rb"/Filter /FlateDecode[^>]*>>\s*stream\r?\n(.*?)\r?\nendstream", data, re.S):
        try:
            zlib.decompress(found[1])
        except zlib.error:
            continue
        yield found[1]
