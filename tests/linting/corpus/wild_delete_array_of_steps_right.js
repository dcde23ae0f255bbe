// kind: delete; expect: none
function deleteUser(id, callback) {
  const async = require('async');
  const mysql = require('mysql');
  const db = mysql.createConnection({ host: configuration.HOST, user: configuration.USER, password: configuration.PASS, connectTimeout: 3000 });
  async.series(
    [
      (next) => db.query({ sql: 'DELETE FROM sessions WHERE user_id = ?', timeout: 3000 }, [id], next),
      (next) => db.query({ sql: 'DELETE FROM users WHERE id = ?', timeout: 3000 }, [id], next),
    ],
    (err) => {
      db.end();
      callback(err || null);
    }
  );
}
