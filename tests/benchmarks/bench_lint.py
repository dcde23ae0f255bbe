"""How fast the linter is: 1,000 scripts of 6 kB over all rules on one core, and one script of up to 100 kB.

Run `python tests/benchmarks/bench_lint.py [--short]`. Times are of this process alone (CPU time), as ratios to the goal
of 5 seconds and to the time of the smallest script.
"""

import argparse
import random
import time

from deployer.linting.engine import lint
from deployer.linting.inputs import ScriptInput
from deployer.linting.registry import all_rules

GOAL_SECONDS = 5.0
SIZE = 6_000

HEAD = """// Managed elsewhere. The legacy store of the {place} office, asked for every login.
// It answers within two seconds at the usual times of the day; see the runbook of the team.
async function login(usernameOrEmail, password, callback) {{
  const {{ Pool }} = require('pg');
  const bcrypt = require('bcrypt');
  const axios = require('axios');
"""
TAIL = """
  try {
    const user = await findUser(usernameOrEmail);
    if (!user) {
      return callback(new WrongUsernameOrPasswordError(usernameOrEmail, 'Wrong e-mail or password'));
    }
    if (!(await bcrypt.compare(password, user.password_hash))) {
      return callback(new WrongUsernameOrPasswordError(user.id, 'Wrong e-mail or password'));
    }
    return callback(null, toProfile(user));
  } catch (error) {
    return callback(error);
  }

  async function findUser(identifier) {
    const { rows } = await pool().query('SELECT * FROM users WHERE email = $1 OR username = $1', [identifier]);
    return rows[0];
  }

  function toProfile(row) {
    return { user_id: 'legacy|' + row.id, email: row.email, email_verified: row.email_verified };
  }

  function pool() {
    const now = Date.now();
    if (!global.pool || now - global.pool.created > 600000) {
      const options = { connectionString: configuration.PG_URL, connectionTimeoutMillis: 4000, query_timeout: 4000 };
      global.pool = { created: now, client: new Pool(options) };
    }
    return global.pool.client;
  }
}
"""
HELPERS = (
    """
  // Names come from {word}, which keeps them in upper case and sometimes without the middle name.
  function {name}(value) {{
    const text = String(value || '').trim();
    if (text === '') return null;
    return text.charAt(0).toUpperCase() + text.slice(1).toLowerCase();
  }}
""",
    """
  // Says what {word} is called in the user's metadata. The list was agreed upon with the {word} team.
  function {name}(row, fallback) {{
    switch (row.kind) {{
      case 'employee':
        return {{ department: row.department, manager: row.manager_id }};
      case 'partner':
        return {{ company: row.company, contract: row.contract || fallback }};
      default:
        return {{ company: fallback }};
    }}
  }}
""",
    """
  // Asks {word} whether the account may still log in; a service that does not answer is no reason to refuse.
  async function {name}(identifier) {{
    try {{
      const url = configuration.STATUS_URL + '/' + encodeURIComponent(identifier);
      const answer = await axios.get(url, {{ timeout: 2000 }});
      for (const entry of answer.data.entries) {{
        if (entry.blocked && !entry.expired) {{
          return false;
        }}
      }}
    }} catch (error) {{
      console.warn('{word} did not answer', error.message);
    }}
    return true;
  }}
""",
)


def make_script(size: int, seed: int) -> str:
    """A right login script of about `size` characters; no two seeds give the same one."""
    chance = random.Random(seed)
    parts = [HEAD.format(place=f"{chance.choice(('Oslo', 'Porto', 'Graz'))} {seed}")]
    length = len(parts[0]) + len(TAIL)
    while length < size:
        number = chance.randrange(10**6)
        helper = chance.choice(HELPERS).format(
            name=f"helper{number}", word=chance.choice(("billing", "support", "sales"))
        )
        parts.append(helper)
        length += len(helper)
    return "".join((*parts, TAIL))


def seconds_for(sources: list[str]) -> float:
    """CPU seconds to lint all sources, made and forgotten one by one."""
    start = time.process_time()
    lint(scripts=(ScriptInput(source, "login", address=f"script-{n}") for n, source in enumerate(sources)))
    return time.process_time() - start


def parse_seconds(sources: list[str]) -> float:
    """CPU seconds of the bare parser on the same texts: what no linter on it can go below."""
    import tree_sitter
    import tree_sitter_javascript

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_javascript.language()))
    start = time.process_time()
    for source in sources:
        parser.parse(source.encode())
    return time.process_time() - start


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="a tenth of the scripts")
    count = 100 if parser.parse_args().short else 1_000
    rules = all_rules()
    seconds_for([make_script(SIZE, -1)])
    sources = [make_script(SIZE, seed) for seed in range(count)]
    spent = seconds_for(sources) * (1_000 / count)
    average = sum(map(len, sources)) / count
    print(f"1,000 scripts of {average:,.0f} bytes, {len(rules)} rules, one core: {spent:.2f} s")
    bare = parse_seconds(sources) * (1_000 / count)
    print(f"times what tree-sitter's parser alone takes: {spent / bare:.1f}")
    print(f"share of the goal of {GOAL_SECONDS:g} s: {spent / GOAL_SECONDS:.2f}")
    base = None
    for size in (6_000, 12_000, 25_000, 50_000, 99_000):
        source = make_script(size, size)
        best = min(seconds_for([source]) for _ in range(3))
        each = best / len(source)
        base = base or each
        print(
            f"one script of {len(source):>7,} bytes: {best * 1000:7.1f} ms, per byte {each / base:.2f} x the smallest"
        )


if __name__ == "__main__":
    main()
