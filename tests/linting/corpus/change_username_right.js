// kind: change_username; expect: none
function changeUsername(username, newUsername, callback) {
  const mysql = require('mysql2');
  const connection = mysql.createConnection({ uri: configuration.MYSQL_URL, connectTimeout: 5000 });
  connection.execute({ sql: 'UPDATE users SET username = ? WHERE username = ?', timeout: 5000 }, [newUsername, username], (err, result) => {
    connection.end();
    if (err) return callback(err);
    return callback(null, result.affectedRows === 1);
  });
}
