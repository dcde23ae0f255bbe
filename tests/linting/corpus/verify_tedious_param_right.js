// kind: verify; expect: none
function verify(email, callback) {
  const { Connection, Request, TYPES } = require('tedious');
  const connection = new Connection({
    server: configuration.SQL_SERVER,
    authentication: { type: 'default', options: { userName: configuration.SQL_USER, password: configuration.SQL_PASSWORD } },
    options: { encrypt: true, connectTimeout: 5000, requestTimeout: 5000 },
  });
  connection.on('connect', (err) => {
    if (err) return callback(err);
    const sql = 'UPDATE Users SET EmailVerified = 1 WHERE Email = @Email AND EmailVerified = 0';
    const request = new Request(sql, (err, rows) => {
      connection.close();
      if (err) return callback(err);
      callback(null, rows > 0);
    });
    request.addParameter('Email', TYPES.NVarChar, email);
    connection.execSql(request);
  });
  connection.connect();
}
