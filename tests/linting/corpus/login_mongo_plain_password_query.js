// kind: login; expect: DB410
function login(usernameOrEmail, password, callback) {
  const { MongoClient } = require('mongodb');
  const client = new MongoClient(configuration.MONGO_URL, { serverSelectionTimeoutMS: 5000 });
  client
    .connect()
    .then(() => client.db('x').collection('users').findOne({ email: usernameOrEmail, password: password }))
    .then((user) => {
      client.close();
      if (!user) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
      callback(null, { user_id: 'x|' + user._id, email: user.email });
    })
    .catch((err) => callback(err));
}
