// kind: create; expect: none
function create(user, callback) {
  const bcrypt = require('bcrypt');
  const { MongoClient } = require('mongodb');
  const client = new MongoClient(configuration.MONGO_URL, { serverSelectionTimeoutMS: 5000, socketTimeoutMS: 5000 });

  client.connect(function (err) {
    if (err) return callback(err);
    const users = client.db('accounts').collection('users');

    users.findOne({ email: user.email }, function (err, existing) {
      if (err || existing) {
        client.close();
        return callback(err || new ValidationError('user_exists', 'the user already exists'));
      }
      bcrypt.hash(user.password, 12, function (err, hash) {
        if (err) {
          client.close();
          return callback(err);
        }
        users.insertOne({ email: user.email, password: hash, createdAt: new Date() }, function (err) {
          client.close();
          callback(err || null);
        });
      });
    });
  });
}
