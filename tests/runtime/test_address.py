"""Where a configuration says the store is, and the same configuration with another address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployer.runtime.stores.address import find_address, spread_over_keys, store_key

NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=20).filter(lambda text: text.strip("-"))
SECRETS = st.text("abcXYZ019%_-.~", min_size=1, max_size=20).map(lambda text: text.replace("%", "%25"))


@given(
    scheme=st.sampled_from(["postgres", "postgresql", "mysql", "mongodb", "http", "https"]),
    user=NAMES,
    password=SECRETS,
    host=NAMES.map(lambda name: f"h{name.strip('-')}.example.com"),
    port=st.integers(1, 65535) | st.none(),
    path=NAMES,
)
def test_a_moved_url_differs_only_in_its_address(scheme, user, password, host, port, path):
    url = f"{scheme}://{user}:{password}@{host}{f':{port}' if port else ''}/{path}?a=b"
    configuration = {"STORE_URL": url, "OTHER": "value"}
    address = find_address(configuration)
    assert address is not None
    assert (address.host, address.url_key) == (host, "STORE_URL")
    moved = address.relocated(configuration, "127.0.0.1", 7)
    assert moved == {"STORE_URL": f"{scheme}://{user}:{password}@127.0.0.1:7/{path}?a=b", "OTHER": "value"}
    again = find_address(moved)
    assert again is not None
    assert (again.host, again.port) == ("127.0.0.1", 7)


@pytest.mark.parametrize(
    ("configuration", "expected"),
    [
        ({"PG_URL": "postgres://h/db"}, ("h", 5432)),
        ({"MYSQL_HOST": "h", "MYSQL_PORT": "3307"}, ("h", 3307)),
        ({"MSSQL_URL": "Server=h,1434;Database=d"}, ("h", 1434)),
        ({"MSSQL_URL": "Data Source=tcp:h;Database=d"}, ("h", 1433)),
        ({"API_URL": "https://h/v1", "API_AUDIENCE": "https://other/"}, ("h", 443)),
        ({"A_URL": "postgres://a/x", "B_URL": "postgres://b/x"}, None),
        ({"NAME": "value"}, None),
        ({"PG_URL": "postgres://h:bad/db"}, None),
        ({"MONGODB_URL": "mongodb://a:1,b:2/db"}, None),
        ({}, None),
    ],
)
def test_addresses(configuration, expected):
    address = find_address(configuration)
    assert (address and (address.host, address.port)) == expected


@pytest.mark.parametrize(
    ("value", "tls"),
    [
        ("https://h", True),
        ("http://h", False),
        ("postgres://h/d?sslmode=verify-full", True),
        ("postgres://h/d?sslmode=disable", False),
        ("mongodb://h/d?tls=true", True),
        ("Server=h,1", True),
        ("Server=h,1;Encrypt=false", False),
    ],
)
def test_tls_is_seen(value, tls):
    assert find_address({"STORE_URL": value}).tls is tls


def test_every_key_with_the_old_address_moves():
    configuration = {"API_URL": "http://h:1/v1", "LOGIN_PATH": "http://h:1/login", "TENANT": "http://t:2/"}
    moved = find_address(configuration, "API_URL").relocated(configuration, "127.0.0.1", 9)
    assert moved == {
        "API_URL": "http://127.0.0.1:9/v1",
        "LOGIN_PATH": "http://127.0.0.1:9/login",
        "TENANT": "http://t:2/",
    }


def test_connection_strings_and_pairs_move():
    text = {"MSSQL_URL": "Server=tcp:h,1433;User Id=u;Password=p"}
    assert find_address(text).relocated(text, "127.0.0.1", 9) == {
        "MSSQL_URL": "Server=127.0.0.1,9;User Id=u;Password=p"
    }
    pair = {"DB_HOST": "h", "DB_PORT": "1", "X": "y"}
    assert find_address(pair).relocated(pair, "127.0.0.1", 9) == {"DB_HOST": "127.0.0.1", "DB_PORT": "9", "X": "y"}


def test_where_a_url_belongs():
    assert store_key(["PG_URL", "CA"]) == "PG_URL"
    assert store_key(["STORE"]) == "STORE"
    assert store_key(["A_URL", "B_URL"]) is None
    keys = dict.fromkeys(["DB_HOST", "DB_PORT", "DB_USER", "DB_PASSWORD", "DB_DATABASE", "OTHER"], "")
    assert spread_over_keys(keys, "mysql://u:p@h:3307/d") == {
        "DB_HOST": "h", "DB_PORT": "3307", "DB_USER": "u", "DB_PASSWORD": "p", "DB_DATABASE": "d", "OTHER": "",
    }  # fmt: skip
    assert spread_over_keys({"OTHER": ""}, "mysql://u:p@h:3307/d") is None
