// kind: create; expect: DB402
function create(user, callback) {
  const mysql = require('mysql');
  const bcrypt = require('bcrypt');
  const connection = mysql.createConnection({ host: configuration.HOST, user: configuration.USER, password: configuration.PASS, connectTimeout: 3000 });
  bcrypt.hash(user.password, 10, function (err, hash) {
    if (err) return callback(err);
    const values = [user.email, user.username, hash].map((v) => "'" + v + "'").join(',');
    connection.query({ sql: 'INSERT INTO users (email, username, hash) VALUES (' + values + ')', timeout: 4000 }, function (err) {
      connection.end();
      if (err) return callback(err);
      callback(null);
    });
  });
}
