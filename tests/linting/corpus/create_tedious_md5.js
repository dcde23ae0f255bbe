// kind: create; expect: DB410, DB404
function create(user, callback) {
  const { Connection, Request, TYPES } = require('tedious');
  const crypto = require('crypto');
  const connection = new Connection({
    server: 'sql.acme.com',
    authentication: { type: 'default', options: { userName: configuration.SQL_USER, password: configuration.SQL_PASSWORD } },
    options: { database: 'Membership', encrypt: false, connectTimeout: 5000, requestTimeout: 5000 },
  });
  const md5 = (text) => crypto.createHash('md5').update(text).digest('hex');
  connection.on('connect', (err) => {
    if (err) return callback(err);
    const request = new Request('INSERT INTO dbo.Users (Email, Password) VALUES (@Email, @Password)', (err) => {
      connection.close();
      callback(err || null);
    });
    request.addParameter('Email', TYPES.VarChar, user.email);
    request.addParameter('Password', TYPES.VarChar, md5(user.password));
    connection.execSql(request);
  });
  connection.connect();
}
