"""Password hashes, in Node as in Python: what each makes, the other verifies."""

import base64
import hashlib
import hmac
import re
import struct
from typing import Any

import pytest

pytestmark = pytest.mark.node

PASSWORDS = ["correct horse", "pässwörd ☃ 🐎", "a" * 100, "'; DROP TABLE users --", ""]
SALT = bytes(range(16))

# The functions of a login script, without the part that runs it.
CUT = """
const functions = (source, names, modules) => {
  const body = source.slice(source.indexOf('{') + 1, source.indexOf('  async function run()'));
  const load = (name) => modules[name.replace(/@.*/, '')] || require(name);
  return new Function('require', 'global', 'configuration', body + 'return { ' + names + ' };')(load, {}, {});
};
"""


def b64(data: bytes) -> str:
    """Base64 without padding."""
    return base64.b64encode(data).decode().rstrip("=")


def ab64(data: bytes) -> str:
    """passlib's base64."""
    return b64(data).replace("+", ".")


def scrypt(password: str, ln: int, r: int, p: int, salt: bytes = SALT) -> str:
    """A PHC string of scrypt."""
    key = hashlib.scrypt(password.encode(), salt=salt, n=2**ln, r=r, p=p, maxmem=2**28, dklen=32)
    return f"$scrypt$ln={ln},r={r},p={p}${b64(salt)}${b64(key)}"


def identity_v2(password: str) -> str:
    """ASP.NET Identity 2, and simple membership."""
    return base64.b64encode(b"\0" + SALT + hashlib.pbkdf2_hmac("sha1", password.encode(), SALT, 1000, 32)).decode()


def identity_v3(password: str, digest: str, number: int, iterations: int, salt: bytes = SALT, length: int = 32) -> str:
    """ASP.NET Core Identity: format, algorithm, iterations, salt length, salt, key."""
    key = hashlib.pbkdf2_hmac(digest, password.encode(), salt, iterations, length)
    return base64.b64encode(b"\1" + struct.pack(">III", number, iterations, len(salt)) + salt + key).decode()


def passlib(password: str, digest: str, rounds: int, *, phc: bool = False) -> str:
    """passlib's format, or the PHC string."""
    key = hashlib.pbkdf2_hmac(digest, password.encode(), SALT, rounds)
    name = "pbkdf2" if digest == "sha1" and not phc else f"pbkdf2-{digest}"
    count = f"i={rounds},l={len(key)}" if phc else str(rounds)
    encode = b64 if phc else ab64
    return f"${name}${count}${encode(SALT)}${encode(key)}"


def django(password: str, rounds: int) -> str:
    """Django's format, with its salt as text."""
    key = hashlib.pbkdf2_hmac("sha256", password.encode(), b"Q1w2E3r4T5y6", rounds)
    return f"pbkdf2_sha256${rounds}$Q1w2E3r4T5y6${base64.b64encode(key).decode()}"


FORMATS = {
    "scrypt": [lambda p: scrypt(p, 10, 8, 1), lambda p: scrypt(p, 4, 2, 3)],
    "pbkdf2": [
        lambda p: passlib(p, "sha1", 100),
        lambda p: passlib(p, "sha256", 2000),
        lambda p: passlib(p, "sha512", 10),
        lambda p: passlib(p, "sha256", 50, phc=True),
        lambda p: django(p, 1000),
    ],
    "aspnet-identity-v2": [identity_v2],
    "aspnet-identity-v3": [
        lambda p: identity_v3(p, "sha1", 0, 50),
        lambda p: identity_v3(p, "sha256", 1, 10_000),
        lambda p: identity_v3(p, "sha512", 2, 1000),
        lambda p: identity_v3(p, "sha256", 1, 10, salt=bytes(24), length=64),
    ],
}
PURE = list(FORMATS)


def login(render: Any, format_: str, **variables: Any) -> str:
    """A login script for one format."""
    read_as = "pbkdf2" if format_ == "django-pbkdf2" else format_
    given = {"password_formats": [read_as], "new_password_format": format_, "upgrade_passwords": True, **variables}
    source: str = render("postgres", variables=given).sources["login"]
    return source


@pytest.mark.parametrize("format_", PURE)
def test_hashes_from_elsewhere_are_verified(format_: str, render: Any, run_node: Any) -> None:
    cases = [[password, make(password)] for make in FORMATS[format_] for password in PASSWORDS]
    program = (
        CUT
        + """
      const { verifyPassword } = functions(input.source, 'verifyPassword', {});
      (async () => {
        const answers = [];
        for (const [password, hash] of input.cases) {
          answers.push([await verifyPassword(password, hash), await verifyPassword(password + 'x', hash)]);
        }
        output(answers);
      })();
    """
    )
    answers = run_node(program, {"source": login(render, format_), "cases": cases})
    assert answers == [[True, False]] * len(cases)


SHORT_KEYS = {
    "scrypt": "$scrypt$ln=4,r=2,p=1$AAAA$A",
    "pbkdf2": "$pbkdf2-sha256$1$AAAA$A",
    "aspnet-identity-v2": base64.b64encode(b"\0" + SALT).decode(),
    "aspnet-identity-v3": base64.b64encode(b"\1" + struct.pack(">III", 1, 1, 32) + bytes(32)).decode(),
}


@pytest.mark.parametrize("format_", PURE)
def test_damaged_hashes_match_no_password(format_: str, render: Any, run_node: Any) -> None:
    """A hash cut short, or of another kind, must not match whatever is derived to its length, nor throw."""
    whole = FORMATS[format_][0]("right")
    damaged = [whole[:length] for length in range(0, len(whole), 3)]
    damaged += [whole.replace("$", "", 1), whole + "$", whole[:-1], None, "", "x", SHORT_KEYS[format_]]
    damaged += ["$pbkdf2-md5$1$AAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAA", "$pbkdf2-sha256$0$AAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAA"]
    damaged += [base64.b64encode(b"\0" * 10).decode(), base64.b64encode(b"\1" + b"\xff" * 60).decode()]
    damaged += ["$scrypt$ln=4,r=2,p=1$AAAA$AAAA", "pbkdf2_sha256$1$salt$AA==", "$pbkdf2$1$AAAA$AAAA"]
    program = (
        CUT
        + """
      const { verifyPassword } = functions(input.source, 'verifyPassword', {});
      (async () => {
        const answers = [];
        for (const hash of input.damaged) {
          answers.push(await verifyPassword('wrong', hash).catch((error) => 'threw ' + error.message));
        }
        output(answers);
      })();
    """
    )
    answers = run_node(program, {"source": login(render, format_), "damaged": damaged})
    assert answers == [False] * len(damaged)


def read_by_django(password: str, made: str) -> bool:
    """Django's opinion: whether it is the password, in a form that it knows and that fits its column."""
    from django.conf import settings
    from django.contrib.auth import hashers

    if not settings.configured:
        settings.configure()
    fits = len(made) <= 128 and not hashers.check_password(password + "x", made)
    return (
        fits and hashers.check_password(password, made) and hashers.identify_hasher(made).algorithm == "pbkdf2_sha256"
    )


def verified_by_python(format_: str, password: str, made: str) -> bool:
    """Python's opinion of a hash that a script made."""
    if format_ == "scrypt":
        match = re.fullmatch(r"\$scrypt\$ln=15,r=8,p=3\$([^$]{22})\$([^$]{43})", made)
        return bool(match) and scrypt(password, 15, 8, 3, base64.b64decode(match[1] + "==")) == made
    if format_ == "pbkdf2":
        match = re.fullmatch(r"\$pbkdf2-sha512\$210000\$([^$]{22})\$([^$]{86})", made)
        if not match:
            return False
        salt = base64.b64decode(match[1].replace(".", "+") + "==")
        return ab64(hashlib.pbkdf2_hmac("sha512", password.encode(), salt, 210_000)) == match[2]
    if format_ == "django-pbkdf2":
        return read_by_django(password, made)
    data = base64.b64decode(made)
    if format_ == "aspnet-identity-v2":
        return data[:1] == b"\0" and hashlib.pbkdf2_hmac("sha1", password.encode(), data[1:17], 1000, 32) == data[17:]
    key = hashlib.pbkdf2_hmac("sha512", password.encode(), data[13:29], 100_000, 32)
    return data[:13] == b"\1" + struct.pack(">III", 2, 100_000, 16) and key == data[29:]


@pytest.mark.parametrize("format_", [*PURE, "django-pbkdf2"])
def test_new_hashes_are_what_others_read(format_: str, render: Any, run_node: Any) -> None:
    program = (
        CUT
        + """
      const names = 'hashPassword, verifyPassword, isOutdated';
      const { hashPassword, verifyPassword, isOutdated } = functions(input.source, names, {});
      (async () => {
        const answers = [];
        for (const password of input.passwords) {
          const [first, second] = [await hashPassword(password), await hashPassword(password)];
          answers.push([first, first !== second, await verifyPassword(password, first), isOutdated(first)]);
        }
        output(answers);
      })();
    """
    )
    answers = run_node(program, {"source": login(render, format_), "passwords": PASSWORDS[1:2]})
    for password, (made, salted, verified, outdated) in zip(PASSWORDS[1:2], answers, strict=True):
        assert (salted, verified, outdated) == (True, True, False)
        assert verified_by_python(format_, password, made)


def membership(password: str, algorithm: str, salt: bytes) -> str:
    """What .NET's universal providers store: keyed with the salt (repeated or cut), or the salt before the password."""
    text = password.encode("utf-16-le")
    if algorithm.startswith("HMAC"):
        size = 128 if algorithm == "HMACSHA512" else 64
        key = (salt * (size // len(salt) + 1))[:size]
        return base64.b64encode(hmac.new(key, text, algorithm[4:].lower()).digest()).decode()
    return base64.b64encode(hashlib.new(algorithm.lower(), salt + text).digest()).decode()


@pytest.mark.parametrize("algorithm", ["HMACSHA256", "HMACSHA512", "SHA1", "SHA256", "SHA512"])
def test_universal_membership_hashes(algorithm: str, render: Any, run_node: Any) -> None:
    source = render("aspnet-membership", variables={"hash_algorithm": algorithm}).sources["login"]
    salts = [SALT, bytes(range(64)), bytes(range(200))]
    users = [
        [password, {"password_hash": membership(password, algorithm, salt), "salt": base64.b64encode(salt).decode()}]
        for salt in salts
        for password in PASSWORDS
    ]
    program = (
        CUT
        + """
      const { verifyPassword, hashPassword } = functions(input.source, 'verifyPassword, hashPassword', {});
      (async () => {
        const answers = [];
        for (const [password, user] of input.users) {
          answers.push([
            await verifyPassword(password, { ...user, format: 1 }),
            await verifyPassword(password + 'x', { ...user, format: 1 }),
            await verifyPassword(user.password_hash, { ...user, format: 0 }),
            await verifyPassword(password, { ...user, salt: '', format: 1 })
          ]);
        }
        output({ answers, made: await hashPassword('pässwörd') });
      })();
    """
    )
    answer = run_node(program, {"source": source, "users": users})
    assert answer["answers"] == [[True, False, False, False]] * len(users)
    made = answer["made"]
    assert made["hash"] == membership("pässwörd", algorithm, base64.b64decode(made["salt"]))


def test_simple_membership_hashes(render: Any, run_node: Any) -> None:
    source = render("aspnet-membership", variables={"provider": "simple"}).sources["login"]
    users = [[password, {"password_hash": identity_v2(password)}] for password in PASSWORDS]
    program = (
        CUT
        + """
      const { verifyPassword, hashPassword } = functions(input.source, 'verifyPassword, hashPassword', {});
      (async () => {
        const answers = [];
        for (const [password, user] of input.users) {
          answers.push([await verifyPassword(password, user), await verifyPassword(password + 'x', user)]);
        }
        const made = await hashPassword('pässwörd');
        const short = { password_hash: made.hash.slice(0, 40) };
        output({ answers, made, damaged: await verifyPassword('pässwörd', short) });
      })();
    """
    )
    answer = run_node(program, {"source": source, "users": users})
    assert answer["answers"] == [[True, False]] * len(users)
    assert verified_by_python("aspnet-identity-v2", "pässwörd", answer["made"]["hash"])
    assert (answer["made"]["salt"], answer["damaged"]) == ("", False)
