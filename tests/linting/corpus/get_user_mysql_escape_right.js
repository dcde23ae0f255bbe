// kind: get_user; expect: none
function getUser(email, callback) {
  const mysql = require('mysql');
  const connection = mysql.createConnection({ host: configuration.HOST, user: configuration.USER, password: configuration.PASS, connectTimeout: 3000 });
  const sql = mysql.format('SELECT id, email FROM users WHERE email = ?', [email]);
  connection.query({ sql: sql, timeout: 3000 }, (err, results) => {
    connection.end();
    if (err) return callback(err);
    const user = results[0];
    callback(null, user ? { user_id: 'crm|' + user.id, email: user.email } : null);
  });
}
