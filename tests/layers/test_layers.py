"""Which folder may use what (docs/architecture.md): checked with nm on the libraries as they were built, not on what the sources say."""
import os
import pathlib
import re
import subprocess

import pytest

BUILD = pathlib.Path(os.environ["FENZHANG_BUILD"])
SOURCES = pathlib.Path(__file__).parents[2] / "src"

# What each folder may use of the project, and outside symbols that it must not have. `own` is what it defines itself.
MAY_USE = {
    "base": [],
    "wire": ["base"],
    "store": ["base"],
    "book": ["base", "store"],
    "spec": ["base", "wire"],
    "api": ["base", "store", "book", "wire", "spec"],
    "world": ["base", "book", "spec"],
    "server": ["base", "store", "book", "wire", "spec", "api", "world"],
    "client": ["base", "wire", "spec"],
    "sandbox": ["base", "wire", "server"],
    "lab": ["base", "book", "wire", "spec", "api"],
    "reconcile": ["base", "wire", "spec"],
    "cli": ["base", "store", "book", "wire", "spec", "api", "world", "server", "client", "lab", "reconcile"],
}
JSON, HTTP, CLIENT, SQL, CRYPTO = r"json_", r"MHD_", r"curl_", r"(sqlite3_|PQ)", r"(EVP_|RSA_|X509_|HMAC$)"
MUST_NOT = {
    "base": [JSON, HTTP, CLIENT, SQL],
    "wire": [HTTP, CLIENT, SQL],
    "store": [JSON, HTTP, CLIENT, CRYPTO],
    "book": [JSON, HTTP, CLIENT, SQL, CRYPTO],
    "spec": [HTTP, CLIENT, SQL],
    "api": [HTTP, CLIENT, SQL],
    "world": [HTTP, CLIENT, SQL, CRYPTO],
    "server": [SQL],
    "client": [HTTP, SQL],
    "sandbox": [HTTP, SQL, r"(signal|sigaction|setrlimit|umask|setlocale|chdir|setenv|putenv|exit|atexit)$"],
    "lab": [JSON, HTTP, CLIENT, SQL, CRYPTO],
    "reconcile": [HTTP, CLIENT, CRYPTO, r"(printf|puts|putchar|stdout|stderr|exit|abort)$"],
    "cli": [HTTP],
}
# Time and luck come from base/clock.c and base/random.c alone.
TIME_AND_LUCK = re.compile(r"(time|clock_gettime|gettimeofday|rand|rand_r|random|srand|srandom|getrandom|arc4random|RAND_\w+)$")


def symbols(folder, *options):
    libraries = sorted((BUILD / "src" / folder).glob("libfz_*.a"))  # a folder that both ends use keeps the server's part apart
    out = subprocess.run(["nm", "--portability", *options, *libraries], capture_output=True, text=True, check=True).stdout
    found = {}
    member = None
    for line in out.splitlines():
        if line.endswith(":"):
            member = re.search(r"\[(.*)\]", line).group(1)
        elif line:
            found.setdefault(line.split()[0].split("@")[0], set()).add(member)
    return found


def defined(folder):
    return set(symbols(folder, "--defined-only", "--extern-only"))


def undefined(folder):
    return symbols(folder, "--undefined-only")


@pytest.mark.parametrize("folder", MAY_USE)
def test_a_folder_uses_only_those_below_it(folder):
    allowed = defined(folder)
    for below in MAY_USE[folder]:
        allowed |= defined(below)
    strangers = {name: sorted(where) for name, where in undefined(folder).items() if name.startswith("fz_") and name not in allowed}
    assert strangers == {}


@pytest.mark.parametrize("room", ["api", "bill", "completion", "config", "doctor", "output", "profile", "session"])
def test_what_calls_the_api_is_a_client_whoever_answers(room):
    """Those rooms of the command line use libfenzhang and the description, and nothing of the server's."""
    of_the_server = set().union(*(defined(folder) for folder in ("store", "book", "api", "server")))
    own = symbols_of(SERVERS, "--defined-only", "--extern-only")
    used = {name for name, members in undefined("cli").items() if any(member.split("/")[-1].startswith(f"{room}_") for member in members)}
    assert used and used & (of_the_server | own) == set()


@pytest.mark.parametrize("folder", MUST_NOT)
def test_a_folder_keeps_away_from_what_is_not_its_job(folder):
    found = {name for name in undefined(folder) for pattern in MUST_NOT[folder] if re.match(pattern, name)}
    assert found == set()


# What a client library links of base, wire and spec: these, and nothing of the server's part beside them.
BOTH_ENDS = ["base/libfz_base.a", "spec/libfz_spec.a", "wire/libfz_wire.a"]
SERVERS = ["base/libfz_base_server.a", "spec/libfz_spec_server.a", "wire/libfz_wire_server.a"]


def symbols_of(libraries, *options):
    out = subprocess.run(["nm", "--portability", *options, *(BUILD / "src" / one for one in libraries)], capture_output=True, text=True, check=True)
    return {line.split()[0].split("@")[0] for line in out.stdout.splitlines() if line and not line.endswith(":")}


def test_what_both_ends_use_needs_nothing_of_the_server_s():
    own = symbols_of(BOTH_ENDS, "--defined-only", "--extern-only")
    needed = symbols_of(BOTH_ENDS, "--undefined-only")
    assert {name for name in needed if name.startswith("fz_")} - own == set()
    assert needed & symbols_of(SERVERS, "--defined-only", "--extern-only") == set()


@pytest.mark.parametrize("pattern", [HTTP, CLIENT, SQL, r"gnutls_", r"(abort|_?exit|__assert_fail)$", r"ERR_clear_error$", r"json_(dumps|set_alloc_funcs2?)$"])
def test_what_both_ends_use_keeps_away_from(pattern):
    """Servers and engines; and what is the host's: whether its process ends, its queue of OpenSSL's errors, and jansson's allocator, by which what
    json_dumps gives would have to be freed."""
    assert {name for name in symbols_of(BOTH_ENDS, "--undefined-only") if re.match(pattern, name)} == set()


def place_of(header):
    public = SOURCES.parent / "include" / header
    return public if public.exists() else SOURCES / header


def headers_behind(name, found=None):
    """What `name` includes, and what that includes, as it is written between the brackets or quotes."""
    found = set() if found is None else found
    for quote, one in re.findall(r'^#include ([<"])([^>"]+)', place_of(name).read_text(), re.M):
        if one not in found:
            found.add(one)
            if quote == '"':
                headers_behind(one, found)
    return found


@pytest.mark.parametrize("header", ["wire/trusted_keys.h", "wire/platform_signature.h", "spec/client/callback.h", "spec/client/error_body.h"])
def test_what_a_client_will_show_its_callers_needs_no_other_library_s_headers(header):
    assert {one for one in headers_behind(header) if one.startswith(("openssl/", "jansson"))} == set()


def test_yaml_is_read_in_one_place():
    found = {member for folder in MAY_USE for name, where in undefined(folder).items() if re.match(r"yaml_", name) for member in where}
    assert {member.split("/")[-1] for member in found} == {"tree_read.c.o"}


def test_callbacks_alone_go_out_by_libcurl():
    members = {member for name, where in undefined("server").items() if re.match(CLIENT, name) for member in where}
    assert {member for member in members if "courier" not in member} == set() != members


@pytest.mark.parametrize("folder", MAY_USE)
def test_time_and_randomness_come_through_one_door_each(folder):
    users = {}
    for name, members in undefined(folder).items():
        if TIME_AND_LUCK.match(name):
            users[name] = {member for member in members if not (folder == "base" and member.endswith(("/clock.c.o", "/random.c.o")))}
    assert {name: where for name, where in users.items() if where} == {}


def test_the_check_itself_can_fail():
    assert TIME_AND_LUCK.match("clock_gettime") and TIME_AND_LUCK.match("RAND_bytes") and not TIME_AND_LUCK.match("fz_draw")
    assert "clock_gettime" in undefined("base")
    assert {"abort", "__assert_fail"} <= symbols_of(SERVERS, "--undefined-only")
    assert "openssl/evp.h" in headers_behind("wire/trusted_key.h")
    assert {"fz_text_add", "EVP_PKEY_verify"} <= symbols_of(BOTH_ENDS, "--undefined-only")
    assert any(name.startswith("sqlite3_") for name in undefined("store"))
