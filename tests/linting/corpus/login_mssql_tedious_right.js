// kind: login; expect: none
function login(usernameOrEmail, password, callback) {
  const { Connection, Request, TYPES } = require('tedious');
  const bcrypt = require('bcrypt');

  const connection = new Connection({
    server: configuration.SQL_SERVER,
    authentication: {
      type: 'default',
      options: { userName: configuration.SQL_USER, password: configuration.SQL_PASSWORD },
    },
    options: { database: configuration.SQL_DATABASE, encrypt: true, connectTimeout: 5000, requestTimeout: 5000, rowCollectionOnRequestCompletion: true },
  });

  connection.on('connect', function (err) {
    if (err) return callback(err);

    const query = 'SELECT Id, Nickname, Email, Password FROM dbo.Users WHERE Email = @Username';
    const request = new Request(query, function (err, rowCount, rows) {
      connection.close();
      if (err) return callback(err);
      if (rowCount < 1) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));

      bcrypt.compare(password, rows[0][3].value, function (err, isValid) {
        if (err) return callback(err);
        if (!isValid) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
        callback(null, {
          user_id: 'sql|' + rows[0][0].value,
          nickname: rows[0][1].value,
          email: rows[0][2].value,
        });
      });
    });
    request.addParameter('Username', TYPES.VarChar, usernameOrEmail);
    connection.execSql(request);
  });
  connection.connect();
}
