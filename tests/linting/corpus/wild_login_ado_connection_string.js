// kind: login; expect: DB401, DB404
async function login(usernameOrEmail, password, callback) {
  const sql = require('mssql');
  const bcrypt = require('bcrypt');
  const CONNECTION = 'Server=tcp:acme.database.windows.net,1433;Database=users;User Id=reader;Password=Gr8-Wall!77;Encrypt=true;TrustServerCertificate=true;Connection Timeout=5';
  try {
    const pool = await sql.connect(CONNECTION);
    const result = await pool.request().input('mail', usernameOrEmail).query('select id, mail, hash from people where mail = @mail');
    const person = result.recordset[0];
    if (!person || !(await bcrypt.compare(password, person.hash))) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    return callback(null, { user_id: 'people|' + person.id, email: person.mail });
  } catch (err) {
    return callback(err);
  }
}
