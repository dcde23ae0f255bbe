'use strict';
// Stands in for the npm package mssql where there is no SQL Server: the part of its interface that the sqlserver templates
// use. Statements and parameters go over HTTP to the test, which runs them on SQLite: it knows [names] and @parameters.

const { EventEmitter } = require('events');

class Request {
  constructor(pool) {
    this.pool = pool;
    this.parameters = {};
  }

  input(name, value) {
    this.parameters[name] = value;
    return this;
  }

  async query(sql) {
    const { server, port } = this.pool.config;
    const response = await fetch(`http://${server}:${port}/`, {
      method: 'POST',
      headers: { Connection: 'close' },
      body: JSON.stringify({ sql, parameters: this.parameters }),
      signal: AbortSignal.timeout(this.pool.config.requestTimeout),
    });
    const answer = await response.json();
    if (answer.error) {
      throw Object.assign(new Error(answer.error), { code: 'EREQUEST', number: answer.number });
    }
    return { recordset: answer.rows, rowsAffected: [answer.count] };
  }
}

class ConnectionPool extends EventEmitter {
  static parseConnectionString(text) {
    const [, server, port] = /Server=([^,;]+),(\d+)/.exec(text);
    return { server, port: Number(port), options: {} };
  }

  constructor(config) {
    super();
    this.config = config;
  }

  async connect() {
    return this;
  }

  request() {
    return new Request(this);
  }

  async close() {}
}

module.exports = { ConnectionPool };
