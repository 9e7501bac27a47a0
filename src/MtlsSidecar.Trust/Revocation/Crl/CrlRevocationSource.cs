namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>
/// Answers from CRLs: those in memory, and when they don't answer those that the certificate's distribution points name. Without a fetcher
/// only memory is asked.
/// </summary>
public sealed class CrlRevocationSource(CrlStore store, CrlFetcher? fetcher = null) : IRevocationSource
{
    // A certificate may name many; each costs a request and room in memory.
    private const int MaxUrls = 8;

    /// <inheritdoc/>
    public long Generation => store.Generation;

    /// <inheritdoc/>
    public ValueTask<RevocationAnswer> CheckAsync(RevocationQuestion question, CancellationToken cancellationToken)
    {
        var candidates = new CrlSignerCandidates(question, store.Options);
        var finding = store.Consult(candidates);
        if (fetcher is null)
        {
            return new ValueTask<RevocationAnswer>(finding.Answer);
        }

        fetcher.Touch(finding.CrlUrls, question.Path.Anchor);
        if (finding.Answer.Status == RevocationStatus.Revoked || (finding.Answer.Status == RevocationStatus.Good && finding.DeltaUrls.Count == 0))
        {
            // Another CRL of the same issuer answers for now, but the one that this certificate names may be newer: it is followed from here
            // on, and what it brings reaches the connection that this handshake opens.
            foreach (var url in finding.CrlUrls.Take(MaxUrls))
            {
                _ = fetcher.Obtain(url, question.Path.Anchor);
            }

            fetcher.SettleVerified();
            return new ValueTask<RevocationAnswer>(finding.Answer);
        }

        return FetchAndCheckAsync(fetcher, finding, candidates, cancellationToken);
    }

    private async ValueTask<RevocationAnswer> FetchAndCheckAsync(
        CrlFetcher crls, CrlFinding finding, CrlSignerCandidates candidates, CancellationToken cancellationToken)
    {
        var anchor = candidates.Question.Path.Anchor;
        using var enough = crls.StartWait();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(enough.Token, cancellationToken);
        try
        {
            if (finding.Answer.Status == RevocationStatus.Unknown && crls.PendingFirstRound is { } firstRound)
            {
                await firstRound.WaitAsync(either.Token);
                finding = store.Consult(candidates);
            }

            // 1. Complete CRLs, until the question is answered.
            foreach (var url in finding.CrlUrls.Take(MaxUrls))
            {
                if (finding.Answer.Status == RevocationStatus.Unknown)
                {
                    await (crls.Obtain(url, anchor) ?? Task.CompletedTask).WaitAsync(either.Token);

                    // Even if there was nothing to wait for: another handshake's fetch may have ended since we asked.
                    finding = store.Consult(candidates);
                }
            }

            // 2. Delta CRLs that go with them: only these may name what was revoked an hour ago.
            foreach (var url in finding.DeltaUrls.Take(MaxUrls))
            {
                if (finding.Answer.Status == RevocationStatus.Good && crls.Obtain(url, anchor) is { } fetch)
                {
                    await fetch.WaitAsync(either.Token);
                    finding = store.Consult(candidates);
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Waited long enough; the fetch goes on for those who come later.
            finding = store.Consult(candidates);
        }

        crls.SettleVerified();
        return finding.Answer;
    }
}
