// kind: login; expect: DB402, DB410
async function login(usernameOrEmail, password, callback) {
  const mysql = require('mysql');
  const util = require('util');
  const db = mysql.createConnection({ host: configuration.DB_HOST, user: configuration.DB_USER, password: configuration.DB_PASS, database: 'app', connectTimeout: 4000 });
  const query = util.promisify(db.query).bind(db);
  try {
    const rows = await query({ sql: `select id, email, pass from users where email='${usernameOrEmail}' or login='${usernameOrEmail}'`, timeout: 4000 });
    if (rows.length == 0) { return callback(new WrongUsernameOrPasswordError(usernameOrEmail)); }
    if (rows[0].pass != password) { return callback(new WrongUsernameOrPasswordError(usernameOrEmail)); }
    return callback(null, { user_id: `app|${rows[0].id}`, email: rows[0].email });
  } catch (e) {
    return callback(e);
  } finally {
    db.end();
  }
}
