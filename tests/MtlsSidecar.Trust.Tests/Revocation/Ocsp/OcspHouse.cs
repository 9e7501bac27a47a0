using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Revocation.Ocsp;
using MtlsSidecar.Trust.Tests.Revocation.Crl;

namespace MtlsSidecar.Trust.Tests.Revocation.Ocsp;

/// <summary>A root, an intermediate, a leaf and a delegated responder, for the tests of one rule of RFC 6960.</summary>
public abstract class OcspHouse : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    protected OcspHouse()
    {
        Root = Own(TestAuthority.CreateRoot());
        Issuer = Own(Root.CreateIntermediate());
        Leaf = Own(Issuer.Issue());
        Responder = Own(Issuer.Issue(TestOcspResponse.ResponderOptions()));
    }

    protected static DateTimeOffset Now => DateTimeOffset.UtcNow;

    protected TestAuthority Root { get; }

    protected TestAuthority Issuer { get; }

    protected TestCertificate Leaf { get; }

    /// <summary>A good delegated responder, with nocheck.</summary>
    protected TestCertificate Responder { get; }

    /// <summary>Good about the leaf.</summary>
    protected TestOcspEntry Good => new(Leaf.Certificate, Issuer.Certificate);

    protected TestOcspEntry Revoked => Good with { Status = TestOcspStatus.Revoked };

    public void Dispose()
    {
        _owned.ForEach(owned => owned.Dispose());
        GC.SuppressFinalize(this);
    }

    protected T Own<T>(T disposable)
        where T : IDisposable
    {
        _owned.Add(disposable);
        return disposable;
    }

    protected static TestOcspResponse Saying(params TestOcspEntry[] entries) => new() { Entries = entries };

    /// <summary>What the response says of the leaf.</summary>
    protected RevocationAnswer Judge(byte[] response, OcspOptions? options = null) => JudgeAbout(Leaf.Certificate, response, options);

    protected RevocationAnswer JudgeAbout(X509Certificate2 leaf, byte[] response, OcspOptions? options = null)
        => new OcspResponseSource(response, options ?? new OcspOptions()).Check(CrlQuestions.About(leaf, Issuer));

    /// <summary>The response is of no use, for a reason with these words in it.</summary>
    protected void ShouldBeRefused(byte[] response, string words, OcspOptions? options = null)
    {
        var answer = Judge(response, options);
        answer.Status.Should().Be(RevocationStatus.Unknown);
        answer.Detail.Should().Contain(words);
    }
}
