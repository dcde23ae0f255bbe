// kind: login; expect: none
function login(usernameOrEmail, password, callback) {
  const bcrypt = require('bcrypt');
  const { MongoClient } = require('mongodb');
  const client = new MongoClient(configuration.MONGO_URL, { serverSelectionTimeoutMS: 5000, socketTimeoutMS: 5000 });

  client.connect(function (err) {
    if (err) return callback(err);
    const users = client.db('accounts').collection('users');

    users.findOne({ email: usernameOrEmail }, function (err, user) {
      if (err || !user) {
        client.close();
        return callback(err || new WrongUsernameOrPasswordError(usernameOrEmail));
      }
      bcrypt.compare(password, user.password, function (err, isValid) {
        client.close();
        if (err || !isValid) return callback(err || new WrongUsernameOrPasswordError(usernameOrEmail));
        return callback(null, {
          user_id: 'mongo|' + user._id.toString(),
          nickname: user.nickname,
          email: user.email,
        });
      });
    });
  });
}
