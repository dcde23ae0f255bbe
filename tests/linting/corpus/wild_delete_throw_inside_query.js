// kind: delete; expect: DB205
function deleteUser(id, callback) {
  const mysql = require('mysql');
  const db = mysql.createConnection({ host: configuration.HOST, user: configuration.USER, password: configuration.PASS, connectTimeout: 3000 });
  db.query({ sql: 'DELETE FROM users WHERE id = ?', timeout: 3000 }, [id], (err, result) => {
    db.end();
    if (err) return callback(err);
    if (result.affectedRows === 0) {
      throw new Error('No user ' + id);
    }
    callback(null);
  });
}
