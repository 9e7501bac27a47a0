using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Tests.Paths;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Tests.Validation;

public sealed class LeafProfileTests : IDisposable
{
    private readonly TestAuthority _root = TestAuthority.CreateRoot();

    [Fact]
    public void GoodLeaf_KeepsAllRules() => Check(_ => { }).Should().BeNull();

    [Fact]
    public void Authority_IsNoLeaf()
        => Check(request => request.Replace(new X509BasicConstraintsExtension(true, false, 0, true)))!.Reason.Should().Be(RejectionReason.AuthorityAsLeaf);

    [Theory]
    [InlineData(X509KeyUsageFlags.KeyCertSign)]
    [InlineData(X509KeyUsageFlags.CrlSign)]
    public void KeyThatMaySignCertificatesOrCrls_IsAnAuthoritys(X509KeyUsageFlags usage)
        => Check(request => request.Replace(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | usage, true)))!.Reason.Should().Be(RejectionReason.AuthorityAsLeaf);

    [Fact]
    public void KeyThatMayNotSign_IsOfNoUseForTls()
        => Check(request => request.Replace(new X509KeyUsageExtension(X509KeyUsageFlags.KeyEncipherment, true)))!.Reason.Should().Be(RejectionReason.WrongKeyUsage);

    [Fact]
    public void AbsentUsages_RestrictNothing()
        => Check(request =>
        {
            request.Remove("2.5.29.15");
            request.Remove("2.5.29.37");
            request.Remove("2.5.29.19");
        }).Should().BeNull();

    [Theory]
    [InlineData(CertificateUsage.Client, IssueOptions.ServerAuthentication, false)]
    [InlineData(CertificateUsage.Server, IssueOptions.ClientAuthentication, false)]
    [InlineData(CertificateUsage.Client, IssueOptions.ClientAuthentication, true)]
    [InlineData(CertificateUsage.Server, IssueOptions.ServerAuthentication, true)]
    [InlineData(CertificateUsage.Client, "2.5.29.37.0", true)]
    [InlineData(CertificateUsage.Any, "1.3.6.1.5.5.7.3.3", true)]
    public void ExtendedKeyUsage_MustAllowTheRole(CertificateUsage usage, string purpose, bool isAccepted)
    {
        using var leaf = _root.Issue(new IssueOptions { Usages = [purpose] });

        (LeafProfile.Check(SearchCase.Parse(leaf.Certificate), usage) is null).Should().Be(isAccepted);
    }

    public void Dispose() => _root.Dispose();

    private PeerRejection? Check(Action<CertificateRequest> configure)
    {
        using var leaf = _root.Issue(new IssueOptions { Configure = configure });
        return LeafProfile.Check(SearchCase.Parse(leaf.Certificate), CertificateUsage.Client);
    }
}
