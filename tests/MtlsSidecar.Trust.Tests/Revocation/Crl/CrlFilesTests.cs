using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Trust.Tests.Revocation.Crl;

public sealed class CrlFilesTests : IDisposable
{
    private readonly TestAuthority _root = TestAuthority.CreateRoot();
    private readonly TestCertificate _leaf;
    private readonly string _directory = Directory.CreateTempSubdirectory("crl").FullName;
    private readonly CrlStore _store = new(new CrlOptions(), TimeProvider.System);

    public CrlFilesTests() => _leaf = _root.Issue();

    public void Dispose()
    {
        Directory.Delete(_directory, recursive: true);
        _leaf.Dispose();
        _root.Dispose();
    }

    [Fact]
    public async Task ReplacedFile_IsInForceAfterReload()
    {
        var path = Write("a.crl", new TestCrl());
        using var files = new CrlFiles(_store, [path]);
        (await files.ReloadAsync(default)).Should().BeEmpty();
        Status.Should().Be(RevocationStatus.Good);

        Write("a.crl", new TestCrl { Number = 2, Entries = [TestCrlEntry.For(_leaf.Certificate)] });
        (await files.ReloadAsync(default)).Should().BeEmpty();

        Status.Should().Be(RevocationStatus.Revoked);
    }

    [Fact]
    public async Task MissingFile_IsReportedAndTheOthersAreLoaded()
    {
        using var files = new CrlFiles(_store, [Path.Combine(_directory, "missing.crl"), Write("a.crl", new TestCrl())]);

        (await files.ReloadAsync(default)).Should().ContainSingle().Which.Should().Contain("missing.crl");

        Status.Should().Be(RevocationStatus.Good);
        _store.Status.Should().HaveCount(2);
    }

    [Fact]
    public async Task BrokenFile_KeepsTheOldOneAndIsReadAgainWhenMended()
    {
        var path = Write("a.crl", new TestCrl());
        using var files = new CrlFiles(_store, [path]);
        await files.ReloadAsync(default);

        await File.WriteAllTextAsync(path, "broken");
        (await files.ReloadAsync(default)).Should().ContainSingle();
        Status.Should().Be(RevocationStatus.Good);

        Write("a.crl", new TestCrl { Number = 3, Entries = [TestCrlEntry.For(_leaf.Certificate)] });
        (await files.ReloadAsync(default)).Should().BeEmpty();
        Status.Should().Be(RevocationStatus.Revoked);
    }

    [Fact]
    public async Task SwappedSymbolicLink_IsNoticed()
    {
        Write("1.crl", new TestCrl());
        Write("2.crl", new TestCrl { Number = 2, Entries = [TestCrlEntry.For(_leaf.Certificate)] });
        var link = Path.Combine(_directory, "current.crl");
        File.CreateSymbolicLink(link, "1.crl");
        using var files = new CrlFiles(_store, [link]);
        await files.ReloadAsync(default);

        File.Delete(link);
        File.CreateSymbolicLink(link, "2.crl");
        await files.ReloadAsync(default);

        Status.Should().Be(RevocationStatus.Revoked);
    }

    [Fact]
    public async Task TooLargeFile_IsRefused()
    {
        var store = new CrlStore(new CrlOptions { MaxLength = 100 }, TimeProvider.System);
        using var files = new CrlFiles(store, [Write("a.crl", new TestCrl())]);

        (await files.ReloadAsync(default)).Should().ContainSingle().Which.Should().Contain("larger than");
    }

    private RevocationStatus Status => _store.Check(CrlQuestions.About(_leaf.Certificate, _root)).Status;

    private string Write(string name, TestCrl crl)
    {
        var path = Path.Combine(_directory, name);
        File.WriteAllBytes(path, crl.Sign(_root));
        return path;
    }
}
