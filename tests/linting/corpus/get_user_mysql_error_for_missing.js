// kind: get_user; expect: DB202
function getUser(email, callback) {
  const mysql = require('mysql');
  const connection = mysql.createConnection({ host: configuration.HOST, user: configuration.USER, password: configuration.PASS, connectTimeout: 3000 });
  connection.query({ sql: 'SELECT id, email FROM users WHERE email = ?', timeout: 3000 }, [email], (err, results) => {
    connection.end();
    if (err) return callback(err);
    if (results.length === 0) callback(null);
    callback(null, { user_id: 'crm|' + results[0].id, email: results[0].email });
  });
}
