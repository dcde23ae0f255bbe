// kind: delete; expect: DB202
function deleteUser(id, callback) {
  const mysql = require('mysql');
  const connection = mysql.createConnection({ host: configuration.HOST, user: configuration.USER, password: configuration.PASS, connectTimeout: 3000 });
  connection.query({ sql: 'DELETE FROM users WHERE id = ?', timeout: 3000 }, [id], function (err) {
    if (err) callback(err);
    connection.end();
    callback(null);
  });
}
