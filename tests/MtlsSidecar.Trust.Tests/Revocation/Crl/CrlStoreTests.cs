using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Trust.Tests.Revocation.Crl;

public sealed class CrlStoreTests : IDisposable
{
    private readonly TestAuthority _root = TestAuthority.CreateRoot();
    private readonly TestAuthority _issuer;
    private readonly TestCertificate _leaf;
    private readonly CrlStore _store = new(new CrlOptions(), TimeProvider.System);

    public CrlStoreTests()
    {
        _issuer = _root.CreateIntermediate();
        _leaf = _issuer.Issue();
    }

    public void Dispose()
    {
        _leaf.Dispose();
        _issuer.Dispose();
        _root.Dispose();
    }

    [Fact]
    public void UnlistedCertificate_IsGoodUntilNextUpdate()
    {
        var crl = new TestCrl { Entries = [new TestCrlEntry([0x7F])] };
        Load(crl).Should().BeNull();

        var answer = Check();

        answer.Status.Should().Be(RevocationStatus.Good);
        answer.ValidUntil.Should().BeCloseTo(crl.NextUpdate!.Value, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void ListedCertificate_IsRevoked()
    {
        Load(new TestCrl { Entries = [TestCrlEntry.For(_leaf.Certificate) with { Reason = 1 }] });

        Check().Should().Match<RevocationAnswer>(answer => answer.Status == RevocationStatus.Revoked && answer.Detail.Contains("KeyCompromise"));
    }

    [Fact]
    public void CertificateOnHold_IsRevoked()
    {
        Load(new TestCrl { Entries = [TestCrlEntry.For(_leaf.Certificate) with { Reason = TestCrlEntry.CertificateHold }] });

        Check().Status.Should().Be(RevocationStatus.Revoked);
    }

    [Fact]
    public void NoCrl_IsUnknown() => Check().Status.Should().Be(RevocationStatus.Unknown);

    [Fact]
    public void CrlOfAnotherIssuer_SaysNothing()
    {
        _store.Load("file", new TestCrl().Sign(_root));

        Check().Status.Should().Be(RevocationStatus.Unknown);
    }

    [Fact]
    public void CrlByWrongKey_IsUnknown()
    {
        using var impostor = TestAuthority.CreateRoot();
        _store.Load("file", new TestCrl { Issuer = _issuer.Certificate.SubjectName }.Sign(impostor));

        Check().Should().Match<RevocationAnswer>(answer => answer.Status == RevocationStatus.Unknown && answer.Detail.Contains("signed by nobody"));
    }

    [Fact]
    public void StaleCrl_IsUnknown()
    {
        Load(new TestCrl { NextUpdate = DateTimeOffset.UtcNow.AddMinutes(-1) });

        Check().Should().Match<RevocationAnswer>(answer => answer.Status == RevocationStatus.Unknown && answer.Detail.Contains("stale"));
    }

    [Fact]
    public void StaleCrl_StillRevokesWhomItLists()
    {
        Load(new TestCrl { NextUpdate = DateTimeOffset.UtcNow.AddMinutes(-1), Entries = [TestCrlEntry.For(_leaf.Certificate) with { Reason = 1 }] });

        Check().Status.Should().Be(RevocationStatus.Revoked);
    }

    [Fact]
    public void StaleCrl_SaysNothingOfACertificateOnHold()
    {
        Load(new TestCrl
        {
            NextUpdate = DateTimeOffset.UtcNow.AddMinutes(-1),
            Entries = [TestCrlEntry.For(_leaf.Certificate) with { Reason = TestCrlEntry.CertificateHold }],
        });

        Check().Status.Should().Be(RevocationStatus.Unknown);
    }

    [Fact]
    public void CrlWithoutNextUpdate_CountsForAWeek()
    {
        var crl = new TestCrl { NextUpdate = null, ThisUpdate = DateTimeOffset.UtcNow.AddDays(-6.9) };
        Load(crl);

        var answer = Check();

        answer.Status.Should().Be(RevocationStatus.Good);
        answer.ValidUntil.Should().BeCloseTo(crl.ThisUpdate.AddDays(7), TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void OldCrlWithoutNextUpdate_RevokesWhomItListsAndClearsNobody()
    {
        using var other = _issuer.Issue();
        Load(new TestCrl { NextUpdate = null, ThisUpdate = DateTimeOffset.UtcNow.AddDays(-7.1), Entries = [TestCrlEntry.For(_leaf.Certificate)] });

        Check().Status.Should().Be(RevocationStatus.Revoked);
        _store.Check(CrlQuestions.About(other.Certificate, _issuer)).Status.Should().Be(RevocationStatus.Unknown);
    }

    [Fact]
    public void NewerCrlThatNoLongerListsIt_Counts()
    {
        // Both in memory, and the newer one stale: the older one must not answer in its place.
        Load(new TestCrl { Number = 5, NextUpdate = DateTimeOffset.UtcNow.AddMinutes(-1) });
        _store.Load("other file", new TestCrl { Number = 4, Entries = [TestCrlEntry.For(_leaf.Certificate)] }.Sign(_issuer));

        Check().Status.Should().Be(RevocationStatus.Unknown);
    }

    [Fact]
    public void StaleCrlWithinMaxStaleness_StillCounts()
    {
        var store = new CrlStore(new CrlOptions { MaxStaleness = TimeSpan.FromHours(1) }, TimeProvider.System);
        var crl = new TestCrl { NextUpdate = DateTimeOffset.UtcNow.AddMinutes(-1) };
        store.Load("file", crl.Sign(_issuer));

        var answer = store.Check(Question);

        answer.Status.Should().Be(RevocationStatus.Good);
        answer.ValidUntil.Should().BeCloseTo(crl.NextUpdate!.Value.AddHours(1), TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void CrlFromTheFuture_IsNotUsedAndItsPredecessorAnswers()
    {
        var future = DateTimeOffset.UtcNow.AddMinutes(10);
        Load(new TestCrl { Number = 1, Entries = [TestCrlEntry.For(_leaf.Certificate)] });
        Check().Status.Should().Be(RevocationStatus.Revoked);
        Load(new TestCrl { Number = 2, ThisUpdate = future }).Should().BeNull();

        var answer = Check();

        answer.Status.Should().Be(RevocationStatus.Revoked);
        answer.ValidUntil.Should().BeCloseTo(future, TimeSpan.FromSeconds(1), "the answer may change then");
    }

    [Fact]
    public void OnlyCrlIsFromTheFuture_IsUnknown()
    {
        Load(new TestCrl { ThisUpdate = DateTimeOffset.UtcNow.AddMinutes(10) });

        Check().Status.Should().Be(RevocationStatus.Unknown);
    }

    [Fact]
    public void IssuerWithoutCrlSign_IsUnknown()
    {
        using var issuer = _root.CreateIntermediate("No CRL", request =>
        {
            request.CertificateExtensions.RemoveAt(1);
            request.CertificateExtensions.Add(new System.Security.Cryptography.X509Certificates.X509KeyUsageExtension(
                System.Security.Cryptography.X509Certificates.X509KeyUsageFlags.KeyCertSign, true));
        });
        using var leaf = issuer.Issue();
        _store.Load("file", new TestCrl().Sign(issuer));

        _store.Check(CrlQuestions.About(leaf.Certificate, issuer)).Status.Should().Be(RevocationStatus.Unknown);
    }

    [Fact]
    public void IntermediateOnTheRootsCrl_IsRevoked()
    {
        _store.Load("file", new TestCrl { Entries = [TestCrlEntry.For(_issuer.Certificate)] }.Sign(_root));

        _store.Check(CrlQuestions.Ask([_leaf.Certificate, _issuer.Certificate, _root.Certificate], 1)).Status.Should().Be(RevocationStatus.Revoked);
    }

    [Fact]
    public void OlderCrl_NeverReplacesANewerOne()
    {
        Load(new TestCrl { Number = 5, Entries = [TestCrlEntry.For(_leaf.Certificate)] });
        Check().Status.Should().Be(RevocationStatus.Revoked);

        Load(new TestCrl { Number = 4 }).Should().Contain("older");

        Check().Status.Should().Be(RevocationStatus.Revoked);
        _store.Status.Should().ContainSingle().Which.Should().Match<CrlStatus>(status => status.Number == "5" && status.LastError!.Contains("older"));
    }

    [Fact]
    public void OlderCrlLoadedBeforeAnythingWasVerified_DoesNotAnswer()
    {
        Load(new TestCrl { Number = 5, Entries = [TestCrlEntry.For(_leaf.Certificate)] });
        Load(new TestCrl { Number = 4 });

        Check().Status.Should().Be(RevocationStatus.Revoked);
    }

    [Fact]
    public void ForgedSuccessor_DoesNotDisplaceTheGenuineCrl()
    {
        using var impostor = TestAuthority.CreateRoot();
        Load(new TestCrl { Number = 5, Entries = [TestCrlEntry.For(_leaf.Certificate)] });
        Check();

        _store.Load("file", new TestCrl { Number = 999, Issuer = _issuer.Certificate.SubjectName }.Sign(impostor));
        Check().Status.Should().Be(RevocationStatus.Revoked);

        Load(new TestCrl { Number = 6 }).Should().BeNull("a forged number doesn't count");
        Check().Status.Should().Be(RevocationStatus.Good);
    }

    [Fact]
    public void GarbageInPlaceOfACrl_KeepsTheOldOne()
    {
        Load(new TestCrl { Entries = [TestCrlEntry.For(_leaf.Certificate)] });
        var generation = _store.Generation;

        _store.Load("file", "garbage"u8).Should().NotBeNull();

        Check().Status.Should().Be(RevocationStatus.Revoked);
        _store.Generation.Should().Be(generation);
        _store.Status.Should().ContainSingle().Which.LastError.Should().NotBeNull();
    }

    [Fact]
    public void StaleNewerCrl_IsNotAnsweredByAnOlderOne()
    {
        Load(new TestCrl { Number = 5, NextUpdate = DateTimeOffset.UtcNow.AddMinutes(-1) });
        _store.Load("other file", new TestCrl { Number = 4 }.Sign(_issuer));

        Check().Status.Should().Be(RevocationStatus.Unknown);
    }

    [Fact]
    public void SameContentAgain_ChangesNothing()
    {
        var der = new TestCrl().Sign(_issuer);
        _store.Load("file", der);
        var changes = 0;
        _store.Changed += _ => changes++;
        var generation = _store.Generation;

        _store.Load("file", der).Should().BeNull();

        _store.Generation.Should().Be(generation);
        changes.Should().Be(0);
    }

    [Fact]
    public void NewCrl_TellsWhomItConcerns()
    {
        CrlChange? change = null;
        _store.Changed += seen => change = seen;

        Load(new TestCrl());

        change.Should().NotBeNull();
        change!.Generation.Should().Be(_store.Generation);
        change.Concerns(Question.Path).Should().BeTrue();
        using var stranger = TestAuthority.CreateRoot("Stranger");
        using var leaf = stranger.Issue();
        change.Concerns(CrlQuestions.About(leaf.Certificate, stranger).Path).Should().BeFalse();
    }

    [Fact]
    public void NewCrl_TellsWhomItLists()
    {
        CrlChange? change = null;
        _store.Changed += seen => change = seen;
        using var other = _issuer.Issue();
        Load(new TestCrl { Number = 1, Entries = [TestCrlEntry.For(other.Certificate)] });
        var first = change!;
        _store.Check(Question);

        Load(new TestCrl { Number = 2, Entries = [TestCrlEntry.For(_leaf.Certificate)] });

        change!.Lists(Question.Certificate.Id).Should().BeTrue();
        change.Lists(CrlQuestions.About(other.Certificate, _issuer).Certificate.Id).Should().BeFalse("the one that listed it is gone");
        first.Lists(CrlQuestions.About(other.Certificate, _issuer).Certificate.Id).Should().BeFalse("what came in its place tells by itself");
    }

    [Fact]
    public void SecondQuestion_CostsNoSignatureCheck()
    {
        var list = CrlReader.Read(new TestCrl().Sign(_issuer));
        var (question, options) = (Question, new CrlOptions());

        CrlCheck.Run(new CrlSet([list]), options, new CrlWatermarks(null), new CrlSignerCandidates(question, options));

        list.IsSignedBy(_issuer.Certificate.PublicKey.ExportSubjectPublicKeyInfo()).Should().BeTrue();
    }

    private RevocationQuestion Question => CrlQuestions.About(_leaf.Certificate, _issuer);

    private string? Load(TestCrl crl) => _store.Load("file", crl.Sign(_issuer));

    private RevocationAnswer Check() => _store.Check(Question);
}
