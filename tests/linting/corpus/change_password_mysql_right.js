// kind: change_password; expect: none
async function changePassword(email, newPassword, callback) {
  const mysql = require('mysql2/promise');
  const bcrypt = require('bcrypt');
  let connection;
  try {
    connection = await mysql.createConnection({ uri: configuration.MYSQL_URL, connectTimeout: 5000 });
    const hash = await bcrypt.hash(newPassword, 10);
    const [result] = await connection.execute({ sql: 'UPDATE users SET password = ? WHERE email = ?', timeout: 5000 }, [hash, email]);
    callback(null, result.affectedRows > 0);
  } catch (err) {
    callback(err);
  } finally {
    if (connection) connection.destroy();
  }
}
