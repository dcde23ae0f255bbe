// kind: login; expect: DB410
async function login(usernameOrEmail, password, callback) {
  const crypto = require('crypto');
  const mysql = require('mysql2/promise');
  let connection;
  try {
    connection = await mysql.createConnection({ uri: configuration.MYSQL_URL, connectTimeout: 5000 });
    const [rows] = await connection.execute('SELECT id, email, sha1 FROM users WHERE email = ?', [usernameOrEmail]);
    const given = crypto.createHash('sha1').update(password).digest('hex');
    if (rows.length === 0 || rows[0].sha1 !== given) {
      return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    }
    return callback(null, { user_id: 'old|' + rows[0].id, email: rows[0].email });
  } catch (err) {
    return callback(err);
  } finally {
    if (connection) connection.destroy();
  }
}
