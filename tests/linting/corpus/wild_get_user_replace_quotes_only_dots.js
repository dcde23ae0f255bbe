// kind: get_user; expect: DB402
function getUser(email, callback) {
  const mysql = require('mysql');
  const connection = mysql.createConnection({ host: configuration.HOST, user: configuration.USER, password: configuration.PASS, connectTimeout: 3000 });
  const normalized = email.trim().toLowerCase().replace(/\.(?=.*@)/g, '');
  const sql = ['SELECT id, email FROM users', 'WHERE email = "' + normalized + '"', 'LIMIT 1'].join(' ');
  connection.query(sql, (err, rows) => {
    connection.end();
    if (err) return callback(err);
    if (!rows.length) return callback(null);
    callback(null, { user_id: 'crm|' + rows[0].id, email: rows[0].email });
  });
}
