// kind: create; expect: none
async function create(user, callback) {
  const sql = require('mssql');
  const bcrypt = require('bcrypt');
  let pool;
  try {
    pool = await new sql.ConnectionPool({ server: configuration.SERVER, user: configuration.USER, password: configuration.PASSWORD, connectionTimeout: 4000, requestTimeout: 4000, options: { encrypt: true, trustServerCertificate: false } }).connect();
    const hash = await bcrypt.hash(user.password, 10);
    await pool.request().input('email', sql.NVarChar, user.email).input('password', sql.NVarChar, hash)
      .query('INSERT INTO Users (Email, Password) VALUES (@email, @password)');
    return callback(null);
  } catch (err) {
    return callback(err.number === 2627 ? new ValidationError('user_exists', 'exists') : err);
  } finally {
    if (pool) pool.close();
  }
}
