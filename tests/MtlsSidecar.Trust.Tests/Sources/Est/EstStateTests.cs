using System.Runtime.Versioning;
using System.Security.Cryptography;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Sources.Est;

namespace MtlsSidecar.Trust.Tests.Sources.Est;

[UnsupportedOSPlatform("windows")]
public sealed class EstStateTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly TestDirectory _directory = new();
    private readonly TestAuthority _root = TestAuthority.CreateRoot();
    private readonly TestCertificate _certificate;
    private readonly EstState _state;

    public EstStateTests()
    {
        _certificate = _root.Issue(new IssueOptions { Uris = ["spiffe://foo.test/web"] });
        _state = new EstState(_directory["state"]);
        _state.Prepare();
    }

    [Fact]
    public void KeysAndDirectory_AreTheOwnersAlone()
    {
        _state.OpenPendingKey(null).Dispose();
        new FileInfo(File("pending.key")).UnixFileMode.Should().Be(OwnerOnly);
        Save();

        new FileInfo(File("identity.pem")).UnixFileMode.Should().Be(OwnerOnly);
        new DirectoryInfo(_directory["state"]).UnixFileMode.Should().Be(OwnerOnly | UnixFileMode.UserExecute);
        Directory.GetFiles(_directory["state"]).Should().Equal(File("identity.pem"));
    }

    [Fact]
    public void LeftOverThatOthersCanRead_IsNotWrittenInto()
    {
        System.IO.File.WriteAllText(File("identity.pem.tmp"), "left over");
        new FileInfo(File("identity.pem.tmp")).UnixFileMode |= UnixFileMode.OtherRead;

        Save();

        new FileInfo(File("identity.pem")).UnixFileMode.Should().Be(OwnerOnly);
    }

    [Fact]
    public void SavedIdentity_IsLoaded()
    {
        Save();

        new EstState(_directory["state"]).Load()!.Certificate.RawData.ToArray().Should().Equal(_certificate.Certificate.RawData);
    }

    [Fact]
    public void NothingSaved_IsNoIdentity() => _state.Load().Should().BeNull();

    [Theory]
    [InlineData("garbage")]
    [InlineData("")]
    public void DamagedFile_IsLikeNoneButSaysSo(string content)
    {
        System.IO.File.WriteAllText(File("identity.pem"), content);

        var source = EstSvidSource.Open(_state);

        source.Current.Should().BeNull();
        source.LastError.Should().Contain("identity.pem");
    }

    [Fact]
    public void FileOfAnotherKey_IsNotUsed()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        System.IO.File.WriteAllText(File("identity.pem"), other.ExportPkcs8PrivateKeyPem() + "\n" + _certificate.CertificatePem);

        FluentActions.Invoking(_state.Load).Should().Throw<TrustMaterialException>();
    }

    [Fact]
    public void PendingKey_OutlivesTheProcess()
    {
        using var first = _state.OpenPendingKey(null);
        using var second = new EstState(_directory["state"]).OpenPendingKey(null);

        second.ExportSubjectPublicKeyInfo().Should().Equal(first.ExportSubjectPublicKeyInfo());
    }

    [Fact]
    public void PendingKeyThatIsCertifiedAlready_IsNotUsedAgain()
    {
        // What a kill between the two steps of saving leaves.
        Save();
        System.IO.File.WriteAllText(File("pending.key"), _certificate.KeyPem);

        using var next = _state.OpenPendingKey(_state.Load());

        next.ExportSubjectPublicKeyInfo().Should().NotEqual(_certificate.Certificate.PublicKey.ExportSubjectPublicKeyInfo());
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("")]
    [InlineData("rsa")]
    [InlineData("p384")]
    public void PendingKeyThatIsNoneOfOurs_IsReplaced(string kind)
    {
        using var rsa = RSA.Create(2048);
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        System.IO.File.WriteAllText(
            File("pending.key"), kind switch { "rsa" => rsa.ExportPkcs8PrivateKeyPem(), "p384" => p384.ExportPkcs8PrivateKeyPem(), _ => kind });

        using var key = _state.OpenPendingKey(null);

        key.KeySize.Should().Be(256);
        System.IO.File.ReadAllText(File("pending.key")).Should().Contain("PRIVATE KEY");
    }

    [Fact]
    public void DirectoryThatCannotBeMade_IsAnError()
    {
        _directory.Write("file", "");

        FluentActions.Invoking(() => new EstState(_directory["file/state"]).Prepare()).Should().Throw<TrustMaterialException>();
    }

    public void Dispose()
    {
        _root.Dispose();
        _certificate.Dispose();
        _directory.Dispose();
    }

    private string File(string name) => Path.Combine(_directory["state"], name);

    private void Save() => _state.Save(_certificate.KeyPem, _certificate.CertificatePem);
}
