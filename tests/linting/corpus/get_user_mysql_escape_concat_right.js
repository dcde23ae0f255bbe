// kind: get_user; expect: none
function getUser(email, callback) {
  const mysql = require('mysql');
  const connection = mysql.createConnection({ host: configuration.HOST, user: configuration.USER, password: configuration.PASS, connectTimeout: 3000 });
  connection.query({ sql: 'SELECT id, email FROM users WHERE email = ' + connection.escape(email), timeout: 3000 }, (err, results) => {
    connection.end();
    if (err) {
      callback(err);
    } else if (results.length === 0) {
      callback(null);
    } else {
      callback(null, { user_id: 'crm|' + results[0].id, email: results[0].email });
    }
  });
}
