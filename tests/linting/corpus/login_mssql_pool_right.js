// kind: login; expect: none; context: yes
async function login(usernameOrEmail, password, context, callback) {
  const sql = require('mssql');
  const bcrypt = require('bcrypt');
  let pool;
  try {
    pool = await sql.connect({
      server: configuration.SQL_SERVER,
      user: configuration.SQL_USER,
      password: configuration.SQL_PASSWORD,
      connectionTimeout: 5000,
      requestTimeout: 5000,
      options: { encrypt: true },
    });
    const result = await pool
      .request()
      .input('email', sql.NVarChar, usernameOrEmail)
      .query('SELECT TOP 1 Id, Email, PasswordHash FROM Users WHERE Email = @email');
    const user = result.recordset[0];
    if (!user) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    const ok = await bcrypt.compare(password, user.PasswordHash);
    if (!ok) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    return callback(null, { user_id: `${context.connection.name}|${user.Id}`, email: user.Email });
  } catch (error) {
    return callback(error);
  } finally {
    if (pool) await pool.close();
  }
}
