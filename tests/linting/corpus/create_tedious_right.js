// kind: create; expect: none
function create(user, callback) {
  const { Connection, Request, TYPES } = require('tedious');
  const bcrypt = require('bcrypt');
  const connection = new Connection({
    server: configuration.SQL_SERVER,
    authentication: { type: 'default', options: { userName: configuration.SQL_USER, password: configuration.SQL_PASSWORD } },
    options: { database: configuration.SQL_DATABASE, encrypt: true, connectTimeout: 5000, requestTimeout: 5000 },
  });
  let done = false;
  const finish = (err) => {
    if (done) return;
    done = true;
    connection.close();
    callback(err || null);
  };
  connection.on('error', finish);
  connection.on('connect', (err) => {
    if (err) return finish(err);
    bcrypt.hash(user.password, 10, (err, hash) => {
      if (err) return finish(err);
      const request = new Request('INSERT INTO dbo.Users (Email, Password) VALUES (@Email, @Password)', (err) => finish(err));
      request.addParameter('Email', TYPES.VarChar, user.email);
      request.addParameter('Password', TYPES.VarChar, hash);
      connection.execSql(request);
    });
  });
  connection.connect();
}
