// kind: create; expect: none
function create(user, callback) {
  const { Client } = require('pg');
  const bcrypt = require('bcrypt');
  bcrypt.hash(user.password, 12, (err, hash) => {
    if (err) return callback(err);
    const client = new Client({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 5000, query_timeout: 5000 });
    client.connect((err) => {
      if (err) return callback(err);
      client.query('INSERT INTO users (email, hash) VALUES ($1, $2)', [user.email, hash], (err) => {
        client.end();
        if (err && err.code === '23505') return callback(new ValidationError('user_exists', 'The user exists already'));
        return callback(err || null);
      });
    });
  });
}
