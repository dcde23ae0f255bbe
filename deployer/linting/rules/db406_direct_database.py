"""Finds scripts that talk to the database itself instead of to an API before it (DB406)."""

from collections.abc import Iterator

from deployer.linting.doc_urls import CONNECTION_SECURITY
from deployer.linting.finding import Finding, Severity
from deployer.linting.identifiers import name_set
from deployer.linting.inputs import ScriptInput
from deployer.linting.rule import ScriptRule

_DRIVERS = name_set(
    "pg pg-promise pg-native postgres postgresql mysql mysql2 mysql2/promise promise-mysql mariadb mongodb mongoose "
    "monk mongojs mssql tedious oracledb knex sequelize typeorm cassandra-driver couchbase sqlite3 better-sqlite3 "
    "rethinkdb nano neo4j-driver aws-sdk/clients/dynamodb msnodesqlv8 ibm_db firebird node-firebird hdb"
)


class DirectDatabase(ScriptRule):
    """The first database driver that the script requires."""

    code = "DB406"
    name = "direct-database"
    severity = Severity.WARNING
    explanation = (
        "A database that action scripts reach is a database that the internet reaches, and its interface can do far "
        "more than the few things that the scripts need. Auth0 recommends a small protected API before the store, "
        "called with a client-credentials token: least privilege, one place for hashing and auditing."
    )
    bad = """function login(email, password, callback) {
  const { Client } = require('pg');
  check(new Client(configuration.PG_URL), email, password, callback);
}"""
    good = """function login(email, password, callback) {
  const axios = require('axios');
  check(axios.create({ baseURL: configuration.API_URL }), email, password, callback);
}"""
    source = CONNECTION_SECURITY

    def check(self, subject: ScriptInput) -> Iterator[Finding]:
        for node, name, _ in subject.script.requires:
            if name in _DRIVERS or name.split("/")[0] in _DRIVERS:
                yield self.finding(
                    subject,
                    node,
                    f"the script talks to the database directly ({name})",
                    hint="Put an API with the few operations that are needed before it (the store template `api`).",
                )
                return
