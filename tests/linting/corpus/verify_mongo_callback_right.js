// kind: verify; expect: none
function verify(email, callback) {
  const { MongoClient } = require('mongodb');
  const client = new MongoClient(configuration.MONGO_URL, { serverSelectionTimeoutMS: 5000, socketTimeoutMS: 5000 });
  client.connect(function (err) {
    if (err) return callback(err);
    const users = client.db('accounts').collection('users');
    const query = { email: email, email_verified: false };
    users.updateOne(query, { $set: { email_verified: true } }, function (err, result) {
      client.close();
      if (err) return callback(err);
      return callback(null, result.modifiedCount > 0);
    });
  });
}
