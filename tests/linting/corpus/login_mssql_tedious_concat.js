// kind: login; expect: DB402, DB404
function login(usernameOrEmail, password, callback) {
  const { Connection, Request } = require('tedious');
  const bcrypt = require('bcrypt');

  const connection = new Connection({
    server: configuration.SQL_SERVER,
    authentication: { type: 'default', options: { userName: configuration.SQL_USER, password: configuration.SQL_PASSWORD } },
    options: { database: 'Membership', encrypt: true, trustServerCertificate: true, connectTimeout: 5000, rowCollectionOnRequestCompletion: true },
  });

  connection.on('connect', function (err) {
    if (err) return callback(err);
    const query = 'SELECT Id, Email, Password FROM dbo.Users WHERE Email = \'' + usernameOrEmail + '\'';
    const request = new Request(query, function (err, rowCount, rows) {
      connection.close();
      if (err) return callback(err);
      if (rowCount < 1) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
      bcrypt.compare(password, rows[0][2].value, function (err, isValid) {
        if (err) return callback(err);
        if (!isValid) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
        callback(null, { user_id: 'sql|' + rows[0][0].value, email: rows[0][1].value });
      });
    });
    connection.execSql(request);
  });
  connection.connect();
}
