// kind: create; expect: none
function create(user, callback) {
  const mysql = require('mysql');
  const bcrypt = require('bcrypt');
  const connection = mysql.createConnection({ host: configuration.HOST, user: configuration.USER, password: configuration.PASS, connectTimeout: 3000 });

  connection.connect();
  const insert = 'INSERT INTO users SET ?';

  bcrypt.hash(user.password, 10, function (err, hash) {
    if (err) {
      connection.destroy();
      return callback(err);
    }
    connection.query({ sql: insert, timeout: 4000 }, { password: hash, email: user.email }, function (err, results) {
      connection.end();
      if (err) return callback(err);
      if (results.affectedRows === 0) return callback(new Error('Nothing was inserted'));
      callback(null);
    });
  });
}
