using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Trust.Tests.Revocation.Crl;

/// <summary>A root, an intermediate and an empty store, for the tests of one rule of RFC 5280 §6.3.</summary>
public abstract class CrlHouse : IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private int _sources;

    protected CrlHouse()
    {
        Root = Own(TestAuthority.CreateRoot());
        Issuer = Own(Root.CreateIntermediate());
    }

    protected TestAuthority Root { get; }

    /// <summary>Issues the leaves.</summary>
    protected TestAuthority Issuer { get; }

    private protected CrlStore Store { get; } = new(new CrlOptions(), TimeProvider.System);

    public void Dispose()
    {
        _owned.ForEach(owned => owned.Dispose());
        Store.Dispose();
        GC.SuppressFinalize(this);
    }

    protected T Own<T>(T disposable)
        where T : IDisposable
    {
        _owned.Add(disposable);
        return disposable;
    }

    /// <summary>Issues a leaf with these distribution points.</summary>
    protected X509Certificate2 Leaf(params TestDistributionPoint[] points) => Own(Issuer.Issue(new IssueOptions
    {
        Configure = request =>
        {
            if (points.Length > 0)
            {
                request.CertificateExtensions.Add(TestDistributionPoint.Extension(TestDistributionPoint.CrlDistributionPoints, points));
            }
        },
    })).Certificate;

    /// <summary>Loads a CRL, each from a source of its own.</summary>
    protected void Load(TestCrl crl, TestAuthority? signer = null) => Store.Load($"source {_sources++}", crl.Sign(signer ?? Issuer)).Should().BeNull();

    protected RevocationStatus StatusOf(X509Certificate2 leaf, params X509Certificate2[] others) => AnswerAbout(leaf, others).Status;

    protected RevocationStatus StatusOf(X509Certificate2 certificate, TestAuthority issuer) => Store.Check(CrlQuestions.About(certificate, issuer)).Status;

    private protected RevocationAnswer AnswerAbout(X509Certificate2 leaf, params X509Certificate2[] others) => Store.Check(CrlQuestions.About(leaf, Issuer, others));

    protected static TestDistributionPoint Point(string uri) => new() { FullName = [TestDistributionPoint.Uri(uri)] };
}
