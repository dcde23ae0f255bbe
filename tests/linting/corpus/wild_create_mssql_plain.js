// kind: create; expect: DB410
async function create(user, callback) {
  const sql = require('mssql');
  let pool;
  try {
    pool = await new sql.ConnectionPool({ server: configuration.SERVER, user: configuration.USER, password: configuration.PASSWORD, connectionTimeout: 4000, requestTimeout: 4000, options: { encrypt: true } }).connect();
    await pool.request().input('email', sql.NVarChar, user.email).input('password', sql.NVarChar, user.password)
      .query('INSERT INTO Users (Email, Password) VALUES (@email, @password)');
    return callback(null);
  } catch (err) {
    return callback(err);
  } finally {
    if (pool) pool.close();
  }
}
