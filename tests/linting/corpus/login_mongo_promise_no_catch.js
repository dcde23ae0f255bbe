// kind: login; expect: DB203
function login(usernameOrEmail, password, callback) {
  const { MongoClient } = require('mongodb');
  const bcrypt = require('bcrypt');
  const client = new MongoClient(configuration.MONGO_URL, { serverSelectionTimeoutMS: 5000 });
  client
    .connect()
    .then(() => client.db('x').collection('users').findOne({ email: usernameOrEmail }))
    .then(async (user) => {
      await client.close();
      if (!user || !(await bcrypt.compare(password, user.hash))) {
        return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
      }
      return callback(null, { user_id: 'x|' + user._id, email: user.email });
    });
}
