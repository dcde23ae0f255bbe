// kind: login; expect: DB401
function login(email, password, callback) {
  const mysql = require('mysql');
  const bcrypt = require('bcrypt');

  const connection = mysql.createConnection({
    host: 'db.acme-shop.com',
    user: 'auth_reader',
    password: 'kT7!vq2Lx9zP',
    database: 'shop',
    connectTimeout: 5000,
  });

  connection.connect();
  connection.query({ sql: 'SELECT id, email, password FROM users WHERE email = ?', timeout: 5000 }, [email], function (err, results) {
    connection.end();
    if (err) return callback(err);
    if (results.length === 0) return callback(new WrongUsernameOrPasswordError(email));
    const user = results[0];
    bcrypt.compare(password, user.password, function (err, isValid) {
      if (err || !isValid) return callback(err || new WrongUsernameOrPasswordError(email));
      callback(null, { user_id: 'shop|' + user.id, email: user.email });
    });
  });
}
