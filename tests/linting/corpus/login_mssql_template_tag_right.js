// kind: login; expect: none
async function login(usernameOrEmail, password, callback) {
  const sql = require('mssql');
  const bcrypt = require('bcrypt');
  try {
    await sql.connect(configuration.SQL_CONNECTION_STRING);
    const result = await sql.query`SELECT Id, Email, Hash FROM Users WHERE Email = ${usernameOrEmail}`;
    if (result.recordset.length === 0) {
      callback(new WrongUsernameOrPasswordError(usernameOrEmail));
      return;
    }
    const [user] = result.recordset;
    if (await bcrypt.compare(password, user.Hash)) {
      callback(null, { user_id: 'sql|' + user.Id, email: user.Email });
    } else {
      callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    }
  } catch (error) {
    callback(error);
  }
}
