// kind: change_password; expect: none
async function changePassword(email, newPassword, callback) {
  const bcrypt = require('bcrypt');
  const { MongoClient } = require('mongodb');
  const client = new MongoClient(configuration.MONGO_URL, { serverSelectionTimeoutMS: 4000, socketTimeoutMS: 4000 });
  try {
    await client.connect();
    const users = client.db('app').collection('users');
    const user = await users.findOne({ email });
    if (!user) return callback(null, false);
    for (const old of user.previous || []) {
      if (await bcrypt.compare(newPassword, old)) return callback(new Error('The password was used before'));
    }
    const salt = await bcrypt.genSalt(12);
    const passwordHash = await bcrypt.hash(newPassword, salt);
    const { matchedCount } = await users.updateOne({ _id: user._id }, { $set: { passwordHash, changedAt: new Date() }, $push: { previous: user.passwordHash } });
    return callback(null, matchedCount === 1);
  } catch (err) {
    return callback(err);
  } finally {
    await client.close();
  }
}
